"""What is said of a model that predicts one value nearly everywhere, from stored predictions alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness import Classification, Extraction, MultiLabel, Output, Prediction, Regression, Span
from harness.outputs import kind_of
from harness.store.run import Run
from reports.analysis.comparison import compare
from reports.analysis.constant import constant_notes
from reports.analysis.notes import notes
from reports.analysis.statistics import analyse
from reports.evidence.results import read_evidence
from tasks import glue
from tests.fakes.replaced import replace_predictions
from tests.fakes.synthetic import Plan, write_run

TASKS = {task.name: task for task in (glue.COLA, glue.STSB, glue.MNLI)}
MODELS = ("low", "top")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_run(tmp_path / "run", Plan(tasks=tuple(TASKS), models=MODELS, num_seeds=3, num_questions=200))


def make_constant(run: Run, task: str, seeds: Sequence[int], split: str, *, num_others: int) -> None:
    for result in run.results():
        if (result.task, result.model.name) == (task, "low") and result.seed in seeds:
            stored = run.predictions(result, split)
            first = Prediction(value=1) if task != "stsb" else Prediction(value=2.5)
            changed = dict.fromkeys(list(stored)[num_others:], first)
            replace_predictions(run, result, split, {**stored, **changed})


def noted(run: Run, tasks: dict[str, Any] = TASKS) -> list[str]:
    (evidence,) = read_evidence([run])
    comparison = compare(evidence)
    analysis = analyse(evidence, comparison, tasks)
    found = [note for note in notes(comparison, evidence, analysis) if note.startswith("Predicts one class")]
    assert found == list(constant_notes(analysis.constant, evidence))
    return found


def test_nothing_is_said_where_predictions_differ(run: Run) -> None:
    assert noted(run) == []


def test_models_are_named_with_their_tasks_and_seeds_in_one_note(run: Run) -> None:
    make_constant(run, "cola", (0, 1, 2), "validation", num_others=2)
    make_constant(run, "mnli", (1,), "validation_mismatched", num_others=0)
    make_constant(run, "stsb", (0, 2), "validation", num_others=3)
    (note,) = noted(run)
    assert note == (
        "Predicts one class or value for at least 99 % of a split: low on CoLA (every seed); "
        "low on MNLI (1 of 3 seeds). A correlation with a constant is undefined, and counts as 0."
    )
    assert noted(run, {}) == [note], "it needs no task"


@pytest.mark.parametrize(
    ("output", "values", "expected"),
    [
        (Classification(labels=("no", "yes")), [0, 0, 1, 0], 0.75),
        (MultiLabel(labels=("a", "b")), [frozenset(), frozenset({1}), frozenset(), frozenset()], 0.75),
        (Extraction(unanswerable=True), ["", "", "word", ""], 0.75),
        (Extraction(unanswerable=True), [(), (), (Span("word", 0),), ()], 0.75),
        (Regression(low=0.0, high=5.0), [2.5, 2.52, 2.48, 2.6], 0.75),
        (Regression(low=0.0, high=5.0), [1.0, 2.0, 3.0, 4.0], 0.0),
    ],
)
def test_what_counts_as_one_value(output: Output, values: list[Any], expected: float) -> None:
    assert kind_of(output).largest_fraction(values) == expected
