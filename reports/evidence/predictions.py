"""The predictions of all trials on a task, beside the examples: what statistics rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.api.example import Example
from harness.errors import RunError
from harness.store.aligned import aligned_predictions, stored_examples
from harness.store.predictions import SplitPredictions
from harness.store.records import Result
from harness.store.run import Run
from reports.evidence.results import Evidence


@dataclass(frozen=True, kw_only=True)
class TrialPredictions:
    """What one trial predicted, by split."""

    label: str
    """The model's, in the evidence."""
    result: Result
    splits: Mapping[str, SplitPredictions]


@dataclass(frozen=True, kw_only=True)
class TaskPredictions:
    """The examples of a task's scored splits, and what all trials predicted, models in the order of the evidence."""

    examples: Mapping[str, Sequence[Example]]
    trials: Sequence[TrialPredictions]
    reasons: Sequence[str]
    """What could not be read, and why, in sentences."""


def read_predictions(evidence: Evidence, task: str) -> TaskPredictions:
    """Read what the runs hold of a task. Runs of earlier versions hold no examples; those of a comparable run serve."""
    found = [(label, result) for label in evidence.models for result in evidence.results.get((task, label), ())]
    if not found:
        return TaskPredictions(examples={}, trials=(), reasons=())
    examples = stored_examples([(Run(evidence.models[label].folder), result) for label, result in found])
    title = evidence.task_title(task)
    if not examples:
        why = f"{title}: no intervals and no examples, as no run holds its examples (made by an earlier version?)."
        return TaskPredictions(examples={}, trials=(), reasons=(why,))
    trials, reasons = [], []
    for label, result in found:
        run = Run(evidence.models[label].folder)
        try:
            splits = {split: aligned_predictions(run, result, split, rows) for split, rows in examples.items()}
        except RunError as error:
            reasons.append(f"{title}, {label}, seed {result.seed}: left out of intervals and tests: {error}")
        else:
            trials.append(TrialPredictions(label=label, result=result, splits=splits))
    return TaskPredictions(examples=examples, trials=trials, reasons=tuple(reasons))
