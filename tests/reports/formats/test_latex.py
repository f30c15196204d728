"""The paper's table in LaTeX: read strictly by ourselves, and compiled where there is a LaTeX."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest

from harness.markup import escape_latex
from reports.analysis.comparison import compare
from reports.analysis.section import Section
from reports.analysis.statistics import analyse
from reports.evidence.results import read_evidence
from reports.formats.latex import TexWidth, paper_latex
from reports.formats.paper import PaperTable, paper_table
from tasks.glue import COLA, MNLI, MRPC
from tests.fakes.synthetic import Plan, write_run
from tests.reports.conftest import HOSTILE
from tests.reports.formats.latex_reader import tabulars_of

WIDTHS: tuple[TexWidth, ...] = get_args(TexWidth)
NINE = ("cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "qnli", "rte", "wnli")
MANY = tuple(f"encoder-{index}-with-a-name-that-is-much-longer-than-any-column" for index in range(30))
PLANS: dict[str, dict[str, Any]] = {
    "nine tasks": {"tasks": NINE},
    "with intervals": {"num_questions": 30, "suite": None},
    "hostile names": {"models": ("majority", HOSTILE, "模型 «é»~^\\{}$")},
    "one task of the sample": {"tasks": ("mrpc",), "kind": "sample", "limits": (100, None)},
    "thirty models": {"tasks": NINE, "models": MANY},
    "holes": {
        "unsupported": [("mrpc", "majority")],
        "failed": [("cola", "big", 0)],
        "skipped": [("mnli", "mini")],
        "missing_splits": {"mnli": ["validation_mismatched"]},
    },
    "nothing yet": {"skipped": [(task, model) for task in Plan().tasks for model in Plan().models]},
}


def table_of(folder: Path, **settings: Any) -> PaperTable:
    (evidence,) = read_evidence([write_run(folder / "run", Plan(has_speed=False, num_steps=2, **settings))])
    comparison = compare(evidence)
    tasks = {"cola": COLA, "mrpc": MRPC, "mnli": MNLI} if settings.get("num_questions") else {}
    return paper_table(Section(evidence=evidence, comparison=comparison, analysis=analyse(evidence, comparison, tasks)))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_every_table_reads_as_ordinary_latex(tmp_path: Path, plan: dict[str, Any], width: TexWidth) -> None:
    table = table_of(tmp_path, **plan)
    tabulars = tabulars_of(paper_latex([table], width))
    heads = dict.fromkeys(head for rows in tabulars for head in rows[0][1:])
    assert list(heads) == [column.title for column in table.columns]
    for title in heads:
        shown = [row[0] for rows in tabulars if title in rows[0] for row in rows[2:]]
        assert "".join(shown).replace(" ", "") == "".join(map(escape_latex, table.models)).replace(" ", "")


@pytest.mark.parametrize(("width", "options"), [("column", "twocolumn"), ("page", "10pt"), ("page", "twocolumn")])
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex here")
def test_they_compile_in_an_ordinary_article_and_nothing_sticks_out(
    tmp_path: Path, width: TexWidth, options: str
) -> None:
    lines = [f"\\documentclass[{options}]{{article}}", r"\usepackage{booktabs}", r"\begin{document}", "Text."]
    tables = [table_of(tmp_path / f"{index}", **plan) for index, plan in enumerate(PLANS.values())]
    (tmp_path / "comparison.tex").write_text(paper_latex(tables, width).replace("\n\n", "\n"), encoding="utf-8")
    (tmp_path / "paper.tex").write_text("\n".join([*lines, r"\input{comparison.tex}", r"\end{document}", ""]))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-2000:]
    assert [line for line in log.splitlines() if re.match(r"LaTeX Warning|Overfull \\hbox", line)] == []


def test_a_narrow_column_has_half_widths_below_their_means(tmp_path: Path) -> None:
    table = table_of(tmp_path, tasks=("mrpc",), scores={("mrpc", "big"): (98.0, 100.0)})
    (narrow,) = tabulars_of(paper_latex([table], "column"))
    big = [row[0] for row in narrow].index("big")
    assert narrow[big : big + 2] == [["big", r"$\mathbf{98.0}$/$\mathbf{100.0}$"], ["", r"$\scriptstyle\pm 1.4/1.4$"]]
    (wide,) = tabulars_of(paper_latex([table], "page"))
    assert ["big", r"$\mathbf{98.0}_{\pm 1.4}$/$\mathbf{100.0}_{\pm 1.4}$"] in wide


def test_what_is_too_wide_goes_below_and_what_is_too_long_onto_another_page(tmp_path: Path) -> None:
    table = table_of(tmp_path, tasks=NINE)
    assert len(tabulars_of(paper_latex([table], "column"))) > len(tabulars_of(paper_latex([table], "page"))) > 1
    many = paper_latex([table_of(tmp_path / "many", tasks=NINE, models=MANY)], "page")
    assert many.count(r"\begin{table*}") == many.count(r"\caption{") > 1
    assert many.count(r"\caption{(continued)}") == many.count(r"\addtocounter{table}{-1}") == many.count("table*}[") - 1
