"""Which split each file of a submission is for."""

from collections.abc import Sequence
from typing import Literal

from harness.api.submission import TableFormat
from harness.api.task import Task
from harness.errors import UsageError, did_you_mean

Side = Literal["test", "validation"]
"""Which splits a submission is for: those that tasks only predict, as the site asks, or those that they score."""


def side_named(name: str | None) -> Side | None:
    """Return the side of that name.

    Raises:
        UsageError: there is no such side.
    """
    match name:
        case None | "test" | "validation":
            return name
    near = did_you_mean(name or "", ("validation", "test"))
    raise UsageError(f"--split {name}: of a whole submission, expected validation or test.{near}")


def split_of(task: Task, splits: Sequence[str], side: Side) -> str:
    """Return which of the splits belongs to a side; the first where none does, such as MNLI's diagnostic set."""
    of_side = task.scored if side == "validation" else task.predicted
    return next((split for split in splits if split in of_side), splits[0])


def table_files(tasks: Sequence[Task]) -> dict[str, Task]:
    """Return the task of each file that a submission for these tasks holds.

    Raises:
        UsageError: a task whose predictions are no tables.
    """
    files: dict[str, Task] = {}
    for task in tasks:
        if not isinstance(task.submission, TableFormat):
            raise UsageError(f"task {task.name!r} has no table of predictions, so it has no part in a zip; use --task.")
        files.update(dict.fromkeys(task.submission.files.values(), task))
    return files


def table_format(task: Task) -> TableFormat:
    """Return the format of a task that is in :func:`table_files`."""
    assert isinstance(task.submission, TableFormat)
    return task.submission


def splits_in(task: Task, file: str) -> list[str]:
    """Return the splits that a file of a submission may be for."""
    return [split for split, name in table_format(task).files.items() if name == file]


def split_in(task: Task, file: str, side: Side) -> str:
    """Return the split that a file of a submission is for."""
    return split_of(task, splits_in(task, file), side)
