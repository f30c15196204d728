"""What a mean over tasks may be called: decided here, and nowhere else."""

from collections.abc import Collection, Mapping

from harness.store.records import DataRecord
from harness.store.run_info import RunInfo


def mean_name(score_name: str, suite_tasks: Collection[str], data: Mapping[str, Collection[DataRecord]]) -> str:
    """Return what the mean of the scores of some tasks is called: ``score_name``, or "mean of N tasks".

    ``score_name`` is what a suite of ``suite_tasks`` calls its mean, empty without a suite; ``data`` are what the
    scores rest on, by task. The suite's name is for all of its tasks and no other, each on the real data and whole:
    every scored split, and no limit on examples, those of training included.
    """
    is_suite = bool(score_name) and set(data) == set(suite_tasks)
    if is_suite and all(record.is_whole and record.is_real for records in data.values() for record in records):
        return score_name
    return plain_mean_name(len(data))


def mean_name_in_run(info: RunInfo, data: Mapping[str, Collection[DataRecord]]) -> str:
    """Return what the mean of the scores of some tasks is called in a run.

    Runs of earlier versions name their suite's score only if their tasks are all of the suite's.
    """
    return (
        mean_name(info.score_name, info.suite_tasks or info.tasks, data) if info.suite else plain_mean_name(len(data))
    )


def plain_mean_name(num_tasks: int) -> str:
    """Return what a mean is called that may not bear a suite's name."""
    return f"mean of {num_tasks} task{'' if num_tasks == 1 else 's'}"


def reason_without_mean(data: Mapping[str, Collection[DataRecord]]) -> str:
    """Return why the scores of some tasks have no mean, in a sentence; empty where they have one.

    A mean over some tasks that are whole and some of which a part was taken is of nothing that anybody asked.
    """
    limits = {task: _limits_text(record) for task, records in data.items() for record in records}
    if len(set(limits.values())) < 2:
        return ""
    listed = "; ".join(f"{task} {text}" for task, text in limits.items())
    return f"No mean over tasks is made, as their limits differ: {listed}."


def _limits_text(record: DataRecord) -> str:
    train, evaluation = record.limit_train, record.limit_evaluation
    if train is None and evaluation is None:
        return "whole"
    return f"limited to {train or 'all'} training / {evaluation or 'all'} evaluation examples"
