"""From rows to examples: :func:`load` gives a task's splits as the trial sees them, limits applied."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.api.example import Example
from harness.api.limits import Limits
from harness.api.task import Task
from harness.data.source import Source
from harness.errors import DataError, HarnessError


@dataclass(frozen=True, kw_only=True)
class TaskData:
    """The examples of one trial. ``missing`` are the splits to score that the source does not hold."""

    train: list[Example]
    scored: dict[str, list[Example]]
    predicted: dict[str, list[Example]]
    missing: tuple[str, ...]


class ReadSplit(Protocol):
    """What :func:`read_split` is: gives the examples of one split."""

    def __call__(self, task: Task, source: Source, split: str, limit: int | None = None) -> list[Example]:
        """Return them in their order."""


def read_split(task: Task, source: Source, split: str, limit: int | None = None) -> list[Example]:
    """Return the examples of one split, in their order; ``limit`` keeps those whose ids hash lowest."""
    rows = source.rows(task, split)
    examples = []
    for row in rows:
        try:
            examples.append(task.read(row))
        except HarnessError:
            raise
        except Exception as error:
            where = f"task {task.name!r}, {split} split, row {row['idx'] + 1}"
            raise DataError(
                f"{where}: cannot be read ({type(error).__name__}: {error}): {str(dict(row))[:200]}"
            ) from error
    if not examples:
        raise DataError(f"task {task.name!r}: the {split} split in {_place(task, source)} is empty.")
    if len({example.id for example in examples}) < len(examples):
        raise DataError(f"task {task.name!r}: the {split} split in {_place(task, source)} has an id more than once.")
    return sample(examples, limit)


def sample(examples: list[Example], limit: int | None) -> list[Example]:
    """Return at most ``limit`` examples, chosen by a hash of the id, in their own order."""
    if limit is None or limit >= len(examples):
        return examples
    lowest = sorted(examples, key=lambda example: hashlib.sha256(example.id.encode()).digest())[:limit]
    kept = {example.id for example in lowest}
    return [example for example in examples if example.id in kept]


def load(task: Task, source: Source, limits: Limits | None = None, read: ReadSplit = read_split) -> TaskData:
    """Return the examples of ``task`` from ``source``, each split as ``read`` gives it.

    Raises:
        DataError: no training split, no split to score, an empty split, a row that cannot be read, or an id twice.
    """
    held, limits = source.splits(task), limits or Limits()
    if "train" not in held:
        raise DataError(f"task {task.name!r}: no training split in {_place(task, source)}.")
    if not set(task.scored) & set(held):
        raise DataError(
            f"task {task.name!r}: none of {', '.join(task.scored)} in {_place(task, source)}: nothing to score."
        )

    def read_held(splits: Sequence[str]) -> dict[str, list[Example]]:
        return {split: read(task, source, split, limits.of(split)) for split in splits if split in held}

    return TaskData(
        train=read_held(["train"])["train"],
        scored=read_held(task.scored),
        predicted=read_held(task.predicted),
        missing=tuple(split for split in task.scored if split not in held),
    )


def _place(task: Task, source: Source) -> str:
    return (
        str(source.root) if source.kind_for(task) == "folder" and source.root else f"the {source.kind_for(task)} data"
    )
