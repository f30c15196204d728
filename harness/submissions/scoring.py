"""What a submission scores: the one way for a single file, a suite's zip and an entry of a leaderboard."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.api.metric import Metric
from harness.api.submission import TableFormat
from harness.api.task import Suite, Task
from harness.data.source import Source
from harness.metrics.scoring import headline, score, suite_score, task_score
from harness.store.naming import mean_name
from harness.store.predictions import SplitPredictions
from harness.store.records import DataRecord
from harness.submissions.submission import Submission, limited


@dataclass(frozen=True, kw_only=True)
class SplitScore:
    """What the predictions in one file score on their split."""

    file: str
    found: SplitPredictions
    metric_values: Mapping[str, float]
    """Those of the headline first; empty where there is nothing to score by."""
    headline: tuple[str, ...]
    reason: str
    """Why it is not scored; empty where it is."""
    counts: bool
    """Whether it is part of the task's score: the diagnostic set stands beside it."""

    @property
    def score(self) -> float:
        """The mean of the headline."""
        return fmean(self.metric_values[name] for name in self.headline)


@dataclass(frozen=True, kw_only=True)
class TaskScore:
    """What a submission scores on one task."""

    task: Task
    splits: tuple[SplitScore, ...]
    """A file each."""
    data: DataRecord

    @property
    def scores(self) -> dict[str, Mapping[str, float]]:
        """The metric values of the splits that make up the task's score, in the order of the task."""
        found = {one.found.split: one.metric_values for one in self.splits if one.counts and not one.reason}
        order = [split for split in self.task.scored if split in found]
        return {split: found[split] for split in dict.fromkeys([*order, *found])}

    @property
    def score(self) -> float | None:
        """The task's score over the splits that have labels at hand; ``None`` without any."""
        return task_score(self.task, self.scores) if self.scores else None


def score_submission(
    submission: Submission, tasks: Iterable[Task], source: Source, limits: Mapping[str, int | None] | None = None
) -> list[TaskScore]:
    """Return what a submission scores on each task that it has a file for; ``limits``, by task, are on its examples."""
    return [
        _task_score(task, files, source, (limits or {}).get(task.name))
        for task in tasks
        if (files := submission.of_task(task.name))
    ]


def scores_by_task(scored: Sequence[TaskScore]) -> dict[str, float]:
    """Return the scores of the tasks that have any."""
    return {one.task.name: one.score for one in scored if one.score is not None}


def named_mean(scored: Sequence[TaskScore], suite: Suite) -> tuple[str, float | None]:
    """Return what the mean of the tasks' scores is called, and the mean; ``None`` where no task has a score."""
    scores = scores_by_task(scored)
    data = {one.task.name: [one.data] for one in scored if one.task.name in scores}
    return mean_name(suite.score_name, suite.tasks, data), suite_score(scores) if scores else None


def _task_score(task: Task, files: Mapping[str, SplitPredictions], source: Source, limit: int | None) -> TaskScore:
    splits = tuple(_split_score(task, name, limited(found, limit)) for name, found in files.items())
    scored = {one.found.split for one in splits if not one.reason}
    data = DataRecord(
        kind=source.kind_for(task),
        note=source.note,
        fingerprint=source.fingerprint(task),
        limit_train=None,
        limit_evaluation=limit,
        num_examples={one.found.split: len(one.found.examples) for one in splits if one.found.examples},
        missing_splits=[split for split in task.scored if split not in scored],
    )
    return TaskScore(task=task, splits=splits, data=data)


def _split_score(task: Task, file: str, found: SplitPredictions) -> SplitScore:
    own: Mapping[str, Sequence[Metric]] = (
        task.submission.split_metrics if isinstance(task.submission, TableFormat) else {}
    )
    metrics = own.get(found.split, task.metrics)
    reason = ""
    if not found.is_labelled:
        reason = "no labels" if found.examples else f"no {found.split} split at hand"
    values = {} if reason else score(metrics, found.predictions, found.examples)
    return SplitScore(
        file=file,
        found=found,
        metric_values=values,
        headline=headline(metrics, values) if values else (),
        reason=reason,
        counts=found.split not in own,
    )
