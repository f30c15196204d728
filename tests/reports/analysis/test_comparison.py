import re
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from harness.markup import one_line
from harness.statistics.intervals import Estimate
from harness.statistics.ranking import Standing
from reports import write_report
from reports.analysis.comparison import Comparison, compare
from reports.analysis.notes import notes
from reports.analysis.section import Section
from reports.analysis.statistics import NO_ANALYSIS, Analysis
from reports.evidence.banners import banners, title
from reports.evidence.results import Evidence, read_evidence
from reports.formats.comparison import (
    cell_text,
    comparison_markdown,
    comparison_table,
    table_markdown,
)
from reports.formats.comparison_page import comparison_page
from reports.formats.comparison_table import ComparisonPage, page_json, read_page
from reports.formats.frames import comparison_frame
from reports.formats.terminal import show_comparison
from reports.text.numbers import digits
from tasks.glue import COLA, MRPC
from tests.fakes.synthetic import Plan, write_run
from tests.golden import GOLDEN
from tests.reports.conftest import HOSTILE

GOLDEN_PLAN = Plan(
    models=("majority", HOSTILE, "big"),
    kind="sample",
    limits=(100, None),
    unsupported=[("mrpc", "majority")],
    failed=[("cola", "big", 0)],
    scores={
        ("cola", "majority"): (0.0, 0.0),
        ("cola", HOSTILE): (40.0, 42.0),
        ("cola", "big"): (0.0, 41.02),
        ("mrpc", HOSTILE): (80.0, 81.0),
        ("mrpc", "big"): (85.0, 85.5),
        ("mnli", "majority"): (33.0, 33.0),
        ("mnli", HOSTILE): (60.0, 70.0),
        ("mnli", "big"): (75.0, 76.0),
    },
)


def evidence_of(folder: Path, **settings: Any) -> Evidence:
    (evidence,) = read_evidence([write_run(folder / "run", Plan(has_speed=False, num_steps=2, **settings))])
    return evidence


def compared(folder: Path, **settings: Any) -> Comparison:
    return compare(evidence_of(folder, **settings))


def markdown(comparison: Comparison, analysis: Analysis = NO_ANALYSIS) -> str:
    return table_markdown(comparison_table(comparison, analysis))


@pytest.fixture
def golden_page(tmp_path: Path) -> ComparisonPage:
    (evidence,) = read_evidence([write_run(tmp_path / "run", GOLDEN_PLAN)])
    return comparison_page([Section(evidence=evidence, comparison=compare(evidence))])


def test_the_table_is_golden(golden_page: ComparisonPage) -> None:
    assert comparison_markdown(golden_page) == (GOLDEN / "reports" / "comparison.md").read_text(encoding="utf-8")


def test_the_terminal_shows_what_a_report_keeps(golden_page: ComparisonPage, tmp_path: Path) -> None:
    (tmp_path / "comparison.json").write_text(page_json(golden_page), encoding="utf-8")
    read = read_page(tmp_path / "comparison.json")
    assert read == golden_page
    console = Console(file=StringIO(), width=200)
    show_comparison(replace(read, warnings=("runs [differ]",), sets=read.sets * 2), console)
    shown = console.file.getvalue()
    for text in (read.heading, "Warning: runs [differ]", f"Runs {read.sets[0].label}", *read.sets[0].banners):
        assert f"{text}\n" in shown
    rows = [line.split() for line in shown.splitlines()]
    scores = ["0.0", "±", "0.0", "–", "33.0", "±", "0.0"]
    assert [row[-len(scores) :] for row in rows if row[:2] == ["majority", "16.5†"]] == [scores] * 2
    assert any(line.startswith(f"{one_line(HOSTILE)} ") for line in shown.splitlines())
    assert shown.count("• Bold: the best mean of a column") == 2


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "GLUE score"),
        ({"suite": None}, "mean of 3 tasks"),
        ({"kind": "sample"}, "mean of 3 tasks"),
        ({"limits": (100, None)}, "mean of 3 tasks"),
        ({"limits": (None, 0)}, "mean of 3 tasks"),
        ({"missing_splits": {"mnli": ["validation_mismatched"]}}, "mean of 3 tasks"),
        ({"unsupported": [("mrpc", model) for model in Plan().models]}, "mean of 2 tasks"),
        ({"skipped": [("mrpc", model) for model in Plan().models]}, "mean of 2 tasks"),
        ({"tasks": ("cola",)}, ""),
    ],
)
def test_only_the_whole_suite_on_real_data_bears_its_name(tmp_path: Path, settings: Any, name: str) -> None:
    comparison = compared(tmp_path, **settings)
    assert comparison.mean_name == name
    assert all(comparison.is_ranked(row) for row in comparison.rows) or not name


def test_a_mean_over_fewer_tasks_says_so_and_is_not_ranked(tmp_path: Path) -> None:
    scores = {(task, "majority"): (99.0, 99.0) for task in ("cola", "mrpc")}
    comparison = compared(tmp_path, scores=scores, skipped=[("mnli", "majority")])
    assert comparison.mean_name == "GLUE score"
    first, second, third = comparison.rows
    assert (first.mean_name, second.mean_name) == ("mean of 2 tasks", "GLUE score")
    assert (first.mean.is_best, second.mean.is_best, third.mean.is_best) == (False, False, True)
    assert first.cells[0].is_best
    assert "99.0 ± 0.0 (mean of 2 tasks) |" in markdown(comparison)
    assert [row.model for row in comparison.ranking()] == ["big", "mini", "majority"]


def test_means_over_as_many_but_other_tasks_are_not_ranked(tmp_path: Path) -> None:
    skipped = [("cola", "majority"), ("mrpc", "mini"), ("mrpc", "big")]
    table = markdown(compared(tmp_path, skipped=skipped))
    assert "mean of 2 tasks |" in table.splitlines()[0]
    assert [line.count("(mean of 2 tasks, others)") for line in table.splitlines()[2:]] == [0, 1, 1]


def test_spread_is_the_sample_deviation_of_each_seeds_mean(tmp_path: Path) -> None:
    scores = {("cola", "big"): (10.0, 20.0), ("mrpc", "big"): (50.0, 40.0), ("mnli", "big"): (60.0, 63.0)}
    row = compared(tmp_path, scores=scores).rows[-1]
    assert cell_text(row.cells[0], num_seeds=2) == "15.0 ± 7.1"
    assert row.mean.values == pytest.approx((40.0, 41.0))
    assert cell_text(row.mean, num_seeds=2) == "40.5 ± 0.7"


def test_one_seed_has_no_spread(tmp_path: Path) -> None:
    comparison = compared(tmp_path, num_seeds=1)
    assert "±" not in markdown(comparison)
    assert all(cell.deviation is None for row in comparison.rows for cell in row.cells)


def test_a_seed_that_lacks_a_task_is_not_in_the_mean(tmp_path: Path) -> None:
    row = compared(tmp_path, num_seeds=3, failed=[("mrpc", "big", 1)]).rows[-1]
    assert len(row.mean_tasks) == 3
    assert cell_text(row.cells[1], num_seeds=3).endswith("(n = 2)")
    assert cell_text(row.mean, num_seeds=3).endswith("(n = 2)")


def test_means_that_read_the_same_are_bold_together(tmp_path: Path) -> None:
    scores = {("cola", "majority"): (50.01, 50.01), ("cola", "mini"): (50.04, 50.04), ("cola", "big"): (49.9, 49.9)}
    best = [row.cells[0].is_best for row in compared(tmp_path, scores=scores).rows]
    assert best == [True, True, False]


def test_cells_without_a_figure_tell_why(tmp_path: Path) -> None:
    comparison = compared(
        tmp_path,
        num_seeds=1,
        unsupported=[("cola", "mini")],
        failed=[("mrpc", "mini", 0)],
        skipped=[("mnli", "mini")],
    )
    assert [cell.status for cell in comparison.rows[1].cells] == ["unsupported", "failed", "missing"]
    assert "| mini | – | failed | … |  |" in markdown(comparison)


def test_a_task_whose_data_are_not_there_says_so(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, absent={"mnli": "no file dev_matched.tsv."})
    comparison = compare(evidence)
    assert comparison.mean_name == "mean of 2 tasks"
    assert [row.cells[2].status for row in comparison.rows] == ["absent"] * 3
    assert "no data: the source does not hold the task (MNLI: no file dev_matched.tsv)." in notes(comparison, evidence)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0013321, "0.00133"), (0.5, "0.500"), (9.994, "9.99"), (72.25, "72.2"), (12345.6, "12,346"), (0.0, "0.00")],
)
def test_numbers_keep_the_digits_that_matter(value: float, text: str) -> None:
    assert digits(value) == text


def test_nothing_done_yet_is_a_table_all_the_same(tmp_path: Path) -> None:
    skipped = [(task, model) for task in Plan().tasks for model in Plan().models]
    comparison = compared(tmp_path, skipped=skipped)
    assert comparison.mean_name == ""
    assert "| big | … | … | … |" in markdown(comparison)


def test_csv_has_mean_deviation_and_seeds_of_each_task(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, unsupported=[("mrpc", "mini")], scores={("cola", "big"): (10.0, 20.0)})
    frame = comparison_frame(Section(evidence=evidence, comparison=compare(evidence))).set_index("model")
    assert frame.loc["big", ["cola", "cola_seeds", "mean_name"]].tolist() == [15.0, 2, "GLUE score"]
    assert frame.loc["big", "cola_deviation"] == pytest.approx(7.0710678)
    assert frame.loc["mini", "mrpc_seeds"] == 0
    assert frame.loc["mini", "remarks"] == "mrpc: unsupported"


@pytest.mark.parametrize(
    ("settings", "heading", "lines"),
    [
        ({}, "GLUE", []),
        ({"kind": "sample"}, "GLUE-style tasks, generated sample", ["generated sample, not GLUE/SQuAD"]),
        ({"kind": "sample", "suite": None}, "chosen tasks, generated sample", ["generated sample, not GLUE/SQuAD"]),
        ({"limits": (1000, 200)}, "GLUE", ["limited to 1,000 training / 200 evaluation examples"]),
        ({"limits": (None, 200)}, "GLUE", ["limited to 200 evaluation examples"]),
    ],
)
def test_titles_and_banners(tmp_path: Path, settings: Any, heading: str, lines: list[str]) -> None:
    evidence = evidence_of(tmp_path, **settings)
    assert title(evidence) == heading
    assert banners(evidence) == lines


def analysis_of(*, num_seeds: int = 2) -> Analysis:
    """Intervals of one model's CoLA and mean, and ranks of two."""
    return Analysis(
        scores={("cola", "big"): Estimate(value=15.0, low=8.04, high=22.0, num_seeds=num_seeds)},
        means={"big": Estimate(value=40.5, low=39.0, high=42.0, num_seeds=num_seeds)},
        standings={
            "big": Standing(label="big", first=1, last=2),
            "mini": Standing(label="mini", first=1, last=1),
        },
    )


def test_intervals_and_ranks_stand_in_every_table(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, scores={("cola", "big"): (10.0, 20.0)})
    comparison, analysis = compare(evidence), analysis_of()
    lines = markdown(comparison, analysis).splitlines()
    assert lines[0].startswith("| model | rank | CoLA Matthews |")
    assert lines[2].startswith("| majority |  | ")
    assert lines[4].startswith("| big | 1–2 | 15.0 \\[8.0, 22.0\\] | ")
    section = Section(evidence=evidence, comparison=comparison, analysis=analysis)
    frame = comparison_frame(section).set_index("model")
    assert frame.loc["big", ["cola_low", "cola_high", "mean_low", "rank", "rank_last"]].tolist() == [
        8.04, 22.0, 39.0, 1, 2,
    ]  # fmt: skip
    assert frame.loc["majority", ["cola_low", "rank"]].isna().all()


def test_notes_say_what_the_interval_is_and_what_has_none(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path)
    first, second, third, *_ = notes(compare(evidence), evidence, analysis_of())
    assert first.startswith(
        "Mean over 2 seeds [95 % interval]. Intervals reflect evaluation sampling and seed variance."
    )
    assert second == "Without an interval: mean ± sample standard deviation over 2 seeds."
    assert third.startswith("Rank: one more than the number of models that are significantly better")


def test_an_interval_that_is_not_known_falls_back_to_the_spread(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, scores={("cola", "big"): (10.0, 20.0)})
    unknown = Estimate(value=15.0, low=float("nan"), high=float("nan"), num_seeds=2)
    analysis = Analysis(scores={("cola", "big"): unknown})
    assert markdown(compare(evidence), analysis) == markdown(compare(evidence))
    assert notes(compare(evidence), evidence, analysis) == notes(compare(evidence), evidence)


def test_a_mean_over_other_tasks_has_no_interval_of_the_means(tmp_path: Path) -> None:
    evidence = evidence_of(tmp_path, skipped=[("mnli", "big")])
    line = markdown(compare(evidence), analysis_of()).splitlines()[-1]
    assert "39.0" not in line
    assert "(mean of 2 tasks)" in line


def test_no_mean_is_made_of_scores_under_different_limits(tmp_path: Path) -> None:
    """The whole of one task and a part of another: no mean, and no ranks but those that a task alone gives."""
    whole = Plan(tasks=("cola",), models=("mini", "big"), num_questions=30, suite=None)
    run = write_run(tmp_path / "a", whole)
    part = write_run(tmp_path / "b", replace(whole, tasks=("mrpc",), limits=(None, 20)))
    for name in ("trials", "examples"):
        shutil.copytree(part.folder / name, run.folder / name, dirs_exist_ok=True)
    folder = write_report([run], tmp_path / "report", {"cola": COLA, "mrpc": MRPC}).parent
    text = (folder / "comparison.md").read_text()
    assert "No mean over tasks is made, as their limits differ: CoLA whole; mrpc limited to all training / 20" in text
    assert "mean of 2 tasks" not in text
    assert "| rank |" not in text
    table = pd.read_csv(folder / "comparison.csv")
    assert table["mean"].isna().all()
    assert table["rank"].isna().all()
    page = (folder / "index.html").read_text()
    assert "No mean over tasks is made" in page
    assert not re.search("Mean score and median [a-z ]* over CoLA[^;]*mrpc", page)
