"""What a submission's scores rest on."""

from collections.abc import Mapping

from harness.api.task import Task
from harness.data.source import Source
from harness.store.records import DataRecord


def data_record(task: Task, source: Source, num_examples: Mapping[str, int], limit: int | None = None) -> DataRecord:
    """Return what a submission to a task was scored on: so many examples of each split, under a limit on them."""
    return DataRecord(
        kind=source.kind_for(task),
        note=source.note,
        fingerprint=source.fingerprint(task),
        limit_train=None,
        limit_evaluation=limit,
        num_examples=dict(num_examples),
        missing_splits=[split for split in task.scored if split not in num_examples],
    )
