"""What a paper's table holds: both metrics of a task, the splits' names, one convention for what ± is."""

from pathlib import Path
from typing import Any

import pytest

from harness.statistics.intervals import Estimate
from harness.statistics.ranking import Standing
from reports.analysis.comparison import compare
from reports.analysis.section import Section
from reports.analysis.statistics import NO_ANALYSIS, Analysis
from reports.evidence.results import read_evidence
from reports.formats.latex import paper_latex
from reports.formats.paper import PaperColumn, PaperNumber, PaperTable, paper_table
from tests.fakes.synthetic import Plan, write_run
from tests.golden import GOLDEN
from tests.reports.analysis.test_comparison import GOLDEN_PLAN


def table_of(folder: Path, analysis: Analysis = NO_ANALYSIS, **settings: Any) -> PaperTable:
    (evidence,) = read_evidence([write_run(folder / "run", Plan(has_speed=False, num_steps=2, **settings))])
    return paper_table(Section(evidence=evidence, comparison=compare(evidence), analysis=analysis))


def column_of(table: PaperTable, title: str) -> PaperColumn:
    (found,) = (column for column in table.columns if column.title == title)
    return found


def test_the_paper_s_table_is_golden(tmp_path: Path) -> None:
    (evidence,) = read_evidence([write_run(tmp_path / "run", GOLDEN_PLAN)])
    section = Section(evidence=evidence, comparison=compare(evidence))
    golden = (GOLDEN / "reports" / "comparison.tex").read_text(encoding="utf-8")
    assert paper_latex([paper_table(section)], "page") == golden


def test_a_task_shows_each_of_its_metrics_and_splits(tmp_path: Path) -> None:
    scores = {("mrpc", "big"): (85.0, 86.0), ("mnli", "big"): (75.0, 77.0)}
    table = table_of(tmp_path, scores=scores)
    assert table.models == ("big", "mini", "majority")
    assert [column.title for column in table.columns] == ["CoLA", "MRPC", "MNLI", "GLUE"]
    mrpc, mnli = column_of(table, "MRPC"), column_of(table, "MNLI")
    assert (mrpc.metrics, mnli.metrics) == ("F1/acc", "m/mm acc")
    assert [number and number.mean for number in mrpc.cells[0].numbers] == [84.5, 86.5]
    assert [number and number.mean for number in mnli.cells[0].numbers] == [76.0, 76.0]
    assert mrpc.cells[0].numbers[0] == PaperNumber(mean=84.5, half_width=pytest.approx(0.7071, abs=1e-3), is_best=True)


def test_the_best_is_marked_metric_by_metric(tmp_path: Path) -> None:
    table = table_of(tmp_path, tasks=("mrpc", "cola"), scores={("cola", model): (5.0, 5.0) for model in Plan().models})
    bold = [[number.is_best for number in cell.numbers if number] for cell in column_of(table, "CoLA").cells]
    assert bold == [[True]] * 3
    bold = [[number.is_best for number in cell.numbers if number] for cell in column_of(table, "MRPC").cells]
    assert bold == [[True, True], [False, False], [False, False]]


def test_one_task_alone_has_no_mean_that_could_be_over_others(tmp_path: Path) -> None:
    assert not [note for note in table_of(tmp_path, tasks=("cola",)).notes if "not compared" in note]


def test_the_caption_names_the_splits_the_sample_and_the_limits(tmp_path: Path) -> None:
    about, signs = table_of(tmp_path, kind="sample", limits=(100, 50)).caption
    assert about == (
        "GLUE-style tasks, generated sample (validation split, MNLI validation_matched/validation_mismatched; "
        "generated sample, not GLUE/SQuAD; limited to 100 training / 50 evaluation examples)."
    )
    assert signs == "Percent, mean over 2 seeds; ± sample standard deviation; bold: best of a column."
    _, signs = table_of(tmp_path / "one", num_seeds=1).caption
    assert signs == "Percent, one seed; bold: best of a column."


def test_ranks_tie_groups_and_half_widths_come_from_the_analysis(tmp_path: Path) -> None:
    known = Estimate(value=75.0, low=70.0, high=78.0, num_seeds=2)
    analysis = Analysis(
        scores={("cola", "big"): known},
        metric_values={("cola", "big", "validation", "matthews"): known},
        means={"big": known},
        standings={"big": Standing(label="big", first=1, last=2), "mini": Standing(label="mini", first=1, last=1)},
        groups=(("big", "mini"), ("majority",)),
    )
    table = table_of(tmp_path, analysis)
    ranks = column_of(table, "Rank").cells
    assert [(cell.text, cell.mark) for cell in ranks] == [("1–2", "a"), ("1", "a"), ("", "")]
    assert [[number and number.half_width for number in cell.numbers] for cell in column_of(table, "CoLA").cells] == [
        [4.0], [None], [None],
    ]  # fmt: skip
    assert column_of(table, "GLUE").cells[0].numbers[0].half_width == 4.0  # type: ignore[union-attr]
    assert "± half the width of the 95 % interval" in table.caption[1]
    assert "a shared letter: not significantly different" in table.caption[1]


def test_a_missing_split_and_a_mean_over_fewer_tasks_are_marked(tmp_path: Path) -> None:
    table = table_of(
        tmp_path,
        missing_splits={"mnli": ["validation_mismatched"]},
        skipped=[("cola", "big")],
        failed=[("mrpc", "big", 0)],
    )
    big = table.models.index("big")
    assert [cell.mark for cell in column_of(table, "MNLI").cells] == ["*"] * 3
    assert column_of(table, "CoLA").cells[big].text == "…"
    assert column_of(table, "Mean").cells[big].mark == "†"
    assert "Other numbers of seeds: big on MRPC: 1." in table.notes
    assert "† : over other tasks or data, and not compared (big: mean of 2 tasks)." in table.notes
