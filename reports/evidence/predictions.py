"""Stored answers beside the examples that they answer, task by task: what statistics and views of errors rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.api.example import Example, Prediction
from harness.errors import RunError
from harness.store.aligned import aligned_predictions, stored_examples
from harness.store.records import Result
from harness.store.run import Run
from reports.evidence.results import Evidence


@dataclass(frozen=True, kw_only=True)
class Answers:
    """One trial's answers, by split, each in the order of the examples."""

    label: str
    """The model's, in the evidence."""
    result: Result
    predictions: Mapping[str, Sequence[Prediction]]


@dataclass(frozen=True, kw_only=True)
class AnsweredTask:
    """The examples of a task's scored splits, and all trials' answers to them, models in the order of the evidence."""

    examples: Mapping[str, Sequence[Example]]
    answers: Sequence[Answers]
    gaps: Sequence[str]
    """What could not be read, and why, in sentences."""


def read_answers(evidence: Evidence, task: str) -> AnsweredTask:
    """Read what the runs hold of a task. Runs of earlier versions hold no examples; those of a comparable run serve."""
    found = [(label, result) for label in evidence.models for result in evidence.results.get((task, label), ())]
    if not found:
        return AnsweredTask(examples={}, answers=(), gaps=())
    examples = stored_examples([(Run(evidence.models[label].folder), result) for label, result in found])
    title = evidence.task_title(task)
    if not examples:
        why = f"{title}: no intervals and no examples, as no run holds its questions (made by an earlier version?)."
        return AnsweredTask(examples={}, answers=(), gaps=(why,))
    answers, gaps = [], []
    for label, result in found:
        run = Run(evidence.models[label].folder)
        try:
            predictions = {
                split: aligned_predictions(run, result, split, questions) for split, questions in examples.items()
            }
        except RunError as error:
            gaps.append(f"{title}, {label}, seed {result.seed}: left out of intervals and tests: {error}")
        else:
            answers.append(Answers(label=label, result=result, predictions=predictions))
    return AnsweredTask(examples=examples, answers=answers, gaps=tuple(gaps))
