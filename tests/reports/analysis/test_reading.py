"""What is said of a model that could not read the texts as they are, or that training noted something of."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.api.encoding import Coverage
from harness.api.model import History
from harness.store.records import Result
from reports.analysis.reading import MOST_NOTES, reading_notes, start_notes
from reports.evidence.results import Evidence, read_evidence
from tests.fakes.synthetic import Plan, write_run


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    plan = Plan(tasks=("cola", "mnli"), models=("low", "top"), num_seeds=2, num_questions=50)
    (found,) = read_evidence([write_run(tmp_path / "run", plan)])
    return found


def with_results(evidence: Evidence, change: Callable[[Result], Result]) -> Evidence:
    return replace(
        evidence, results={pair: [change(result) for result in held] for pair, held in evidence.results.items()}
    )


def of_low(evidence: Evidence, seed: int, unknown: float, truncated: float) -> Evidence:
    def change(result: Result) -> Result:
        if (result.model.name, result.task, result.seed) != ("low", "cola", seed):
            return result
        coverage = Coverage(unknown_tokens=unknown, truncated_examples=truncated)
        return result.model_copy(update={"coverage": {"validation": coverage}})

    return with_results(evidence, change)


def test_nothing_is_said_of_texts_that_are_read_nearly_whole(evidence: Evidence) -> None:
    assert reading_notes(evidence) == []
    assert reading_notes(of_low(evidence, 0, 0.03, 0.03)) == []


def test_the_worst_seed_is_said_of_each_split(evidence: Evidence) -> None:
    found = of_low(of_low(evidence, 0, 0.01, 0.25), 1, 0.5, 0.2)
    assert reading_notes(found) == [
        "low on CoLA: tokens unknown to its tokenizer: validation 50.0 %.",
        "low on CoLA: examples with texts cut off: validation 25.0 %.",
    ]


def test_what_training_noted_stands_once_for_all_tasks_and_seeds(evidence: Evidence) -> None:
    def change(result: Result) -> Result:
        is_low = result.model.name == "low"
        return result.model_copy(update={"history": History(notes=("its trained head\nis kept",))} if is_low else {})

    assert reading_notes(with_results(evidence, change)) == ["low on CoLA, MNLI: its trained head is kept."]


def test_of_many_notes_the_first_stand_and_the_others_are_counted(evidence: Evidence) -> None:
    history = History(notes=tuple(f"note {number}" for number in range(MOST_NOTES)))
    found = reading_notes(with_results(evidence, lambda result: result.model_copy(update={"history": history})))
    assert len(found) == MOST_NOTES + 1
    assert found[-1] == "12 more notes of this kind are in the results."


def test_what_started_from_another_task_is_said_of_each_model(evidence: Evidence) -> None:
    def started(result: Result) -> Result:
        is_one = (result.model.name, result.task) == ("low", "cola")
        return result.model_copy(update={"start": f"mnli--low--seed{result.seed}--c0ffee"}) if is_one else result

    assert start_notes(evidence) == []
    assert start_notes(with_results(evidence, started)) == [
        "low: on CoLA, training started from the encoder fine-tuned on MNLI with the same seed, and a fresh head."
    ]
