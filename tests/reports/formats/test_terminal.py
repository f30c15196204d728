"""The comparison on a terminal: no name is cut, no interval broken, whatever the width; the best model comes first."""

import io
import re
from pathlib import Path

import pytest

from harness.catalog import load_catalog
from harness.system.console import PlainConsole
from reports.analysis.comparison import compare
from reports.analysis.section import Section
from reports.analysis.statistics import analyse
from reports.evidence.results import read_evidence
from reports.formats.comparison_page import comparison_page
from reports.formats.comparison_table import ComparisonPage
from reports.formats.terminal import show_comparison
from tests.fakes.synthetic import TITLES, Plan, write_run

GLUE = ("cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "qnli", "rte", "wnli")
NAMES = tuple(f"a-checkpoint-whose-name-is-forty-long-{number:02d}" for number in range(12))
BROKEN = "a-model-that-fails"


def page_of(folder: Path, plan: Plan) -> ComparisonPage:
    (evidence,) = read_evidence([write_run(folder, plan)])
    comparison = compare(evidence)
    analysis = analyse(evidence, comparison, load_catalog().tasks)
    return comparison_page([Section(evidence=evidence, comparison=comparison, analysis=analysis)])


def shown(page: ComparisonPage, width: int) -> list[str]:
    """Return the lines above the notes."""
    console = PlainConsole(file=io.StringIO(), width=width)
    show_comparison(page, console)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    return [line.rstrip() for line in lines[: next(n for n, line in enumerate(lines) if line.startswith("•"))]]


def rows_of(lines: list[str], name: str) -> list[str]:
    return [line for line in lines if name in line.split()]


@pytest.fixture(scope="module")
def wide_page(tmp_path_factory: pytest.TempPathFactory) -> ComparisonPage:
    """Nine tasks and thirteen models, one of which fails on each with its first seed."""
    return page_of(
        tmp_path_factory.mktemp("runs") / "wide",
        Plan(
            tasks=GLUE,
            models=(*NAMES, BROKEN),
            failed=[(task, BROKEN, 0) for task in GLUE],
        ),
    )


@pytest.mark.parametrize(("width", "num_tables"), [(80, 5), (120, 3), (160, 2)])
def test_wide_comparisons_are_wrapped_by_whole_columns(wide_page: ComparisonPage, width: int, num_tables: int) -> None:
    lines = shown(wide_page, width)
    assert not [line for line in lines if "…" in line]
    for name in NAMES:
        assert len(rows_of(lines, name)) == num_tables, "a row in each table, on one line"
    heads = " ".join(lines)
    for task in GLUE:
        assert heads.count(TITLES[task]) == 1


@pytest.mark.parametrize("width", [80, 120, 160])
def test_intervals_stand_on_one_line(tmp_path: Path, width: int) -> None:
    plan = Plan(tasks=GLUE[:6], models=NAMES[:3], num_questions=60, num_steps=2)
    page = page_of(tmp_path / "run", plan)
    lines = shown(page, width)
    ranking = page.sets[0].ranking
    for model in ranking.models:
        rows = rows_of(lines, model.model)
        assert rows[0].split()[0] == model.rank
        assert re.search(rf"{model.model}\s+{re.escape(model.mean.text)}\s+{re.escape(model.interval)}", rows[0])
        assert model.latency in rows[0]
        for score in model.scores:
            assert sum(score.text in row for row in rows) >= 1, score.text
    assert [model.model for model in ranking.models] == [*reversed(NAMES[:3])], "the best first"


def test_a_model_that_failed_has_one_row(wide_page: ComparisonPage) -> None:
    models = [model.model for model in wide_page.sets[0].ranking.models]
    assert sorted(models) == sorted([*NAMES, BROKEN])


def test_one_task_alone_is_the_score(tmp_path: Path) -> None:
    lines = shown(page_of(tmp_path / "run", Plan(tasks=("mrpc",), num_questions=40, num_steps=2)), 80)
    (row,) = rows_of(lines, "big")
    assert len(re.findall(r"\d+\.\d \[|\[\d", row)) == 1, "the score once"
    assert any("MRPC" in line for line in lines)
    assert any("F1/acc" in line for line in lines)
    assert not any("not ranked" in line for line in lines), "it is compared by the task, not by a mean"


def test_a_mean_over_fewer_tasks_is_marked_and_stands_below(tmp_path: Path) -> None:
    scores = {(task, "majority"): (99.0, 99.0) for task in ("cola", "mrpc")}
    page = page_of(tmp_path / "run", Plan(scores=scores, skipped=[("mnli", "majority")]))
    lines = shown(page, 120)
    assert [model.model for model in page.sets[0].ranking.models] == ["big", "mini", "majority"]
    assert "99.0†" in rows_of(lines, "majority")[0]
    assert "† mean of 2 tasks: does not compare with the others' mean, so it is not ranked." in lines


def test_a_name_longer_than_the_terminal_is_folded_whole(tmp_path: Path) -> None:
    name = "x" * 100
    lines = shown(page_of(tmp_path / "run", Plan(models=("majority", name))), 80)
    assert sum(line.count("x") for line in lines) >= len(name)
