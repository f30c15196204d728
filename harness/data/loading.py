"""From rows to examples: :func:`load` gives a task's splits as the trial sees them, limits applied."""

import hashlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Any, Protocol

from harness.api.example import Example
from harness.api.limits import Limits
from harness.api.task import Task
from harness.data.checking import ExampleError, checked, shown
from harness.data.source import Source
from harness.errors import DataError, HarnessError
from harness.system.accounts import account_of, place_of

_NOT_FOUND = re.compile(r"\.index\(x\): x not in|is not in (list|tuple)$")


@dataclass(frozen=True, kw_only=True)
class Split:
    """The examples of one split. ``left_out`` counts the rows that the data set's own rules leave out, by reason.

    ``num_held`` is how many there are without a limit, where they were all read.
    """

    examples: list[Example]
    num_held: int | None = None
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TaskData:
    """The examples of one trial. ``missing`` are the splits to score that the source does not hold.

    ``train`` is empty where there is none, as may be where models predict texts as they are.

    ``num_held`` and ``left_out`` have what :class:`Split` says, by split, where it is known and where any were.
    """

    train: list[Example]
    scored: dict[str, list[Example]]
    predicted: dict[str, list[Example]]
    missing: tuple[str, ...]
    num_held: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def num_examples(self) -> dict[str, int]:
        """How many examples each split has."""
        train = {"train": self.train} if self.train else {}
        return {split: len(held) for split, held in {**train, **self.scored, **self.predicted}.items()}


class ParseSplit(Protocol):
    """What :func:`parse_split` is."""

    def __call__(self, task: Task, source: Source, split: str, limit: int | None = None) -> Split:
        """Return the examples of one split in their order."""


def read_split(task: Task, source: Source, split: str, limit: int | None = None) -> list[Example]:
    """Return the examples of one split, as :func:`parse_split` does."""
    return parse_split(task, source, split, limit).examples


def parse_split(task: Task, source: Source, split: str, limit: int | None = None) -> Split:
    """Return the examples of one split, in their order; ``limit`` keeps those whose ids hash lowest.

    Raises:
        DataError: an empty split, a row that cannot be read, an id twice, or a target that is none of the task's kind
            where the split is trained on or scored; says where.
    """
    with redirect_stdout(sys.stderr):  # what a plugin prints is no output of ours
        return _parse(task, source, split, limit)


def _parse(task: Task, source: Source, split: str, limit: int | None) -> Split:
    where = f"task {task.name!r}, {split} split in {source.place(task, split)}"
    examples: list[Any] = []
    numbers: list[int] = []
    left_out: dict[str, int] = {}
    rules = list(task.leaves_out.items())
    for number, row in _rows(task, source, split, where):
        try:
            reason = next((reason for reason, holds in rules if holds(row)), None) if rules else None
            if reason is not None:
                left_out[reason] = left_out.get(reason, 0) + 1
            else:
                examples.append(task.read({**row, "idx": len(examples)}))
                numbers.append(number)
        except (HarnessError, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise DataError(f"{where}, row {number}: {_mishap(error, task)}: {shown(row)}") from error
    if not examples:
        why = ", ".join(f"{count} rows left out: {reason}" for reason, count in left_out.items())
        raise DataError(f"{where} is empty{why and f' ({why})'}; expected one row at least.")
    try:
        examples = checked(examples, task, split)
    except ExampleError as error:
        id_ = getattr(examples[error.index], "id", None)
        named = f" (id {shown(id_)})" if isinstance(id_, str) and id_ != str(error.index) else ""
        raise DataError(f"{where}, row {numbers[error.index]}{named}: {error.what}.") from error
    return Split(examples=sample(examples, limit), num_held=len(examples), left_out=left_out)


def _rows(task: Task, source: Source, split: str, where: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the rows of a split, numbered from 1; what a reader raises is one line, with what its file seems to be."""
    number = 0
    try:
        for number, row in enumerate(source.rows(task, split), 1):
            yield number, row
    except DataError as error:
        raise DataError(f"{error}{source.disguise(task, split)}") from error
    except (HarnessError, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        after = f" after row {number}" if number else ""
        raise DataError(f"{where}{after}: {_mishap(error, task)}.{source.disguise(task, split)}") from error


def _mishap(error: BaseException, task: Task) -> str:
    """Return what went wrong and where; Python does not say what is no label where one is looked up in a tuple."""
    what, at = account_of(error), place_of(error)
    if isinstance(error, ValueError) and _NOT_FOUND.search(what):
        labels = getattr(task.output, "labels", ())
        what = (
            f"a value that is not among those it is looked up in, such as the labels ({shorten(', '.join(labels), 80)})"
        )
    return f"cannot be read ({what}{at and f', raised at {at}'})"


def sample(examples: list[Example], limit: int | None) -> list[Example]:
    """Return at most ``limit`` examples, chosen by a hash of the id, in their own order."""
    if limit is None or limit >= len(examples):
        return examples
    lowest = sorted(examples, key=lambda example: hashlib.sha256(example.id.encode()).digest())[:limit]
    kept = {example.id for example in lowest}
    return [example for example in examples if example.id in kept]


def load(
    task: Task,
    source: Source,
    limits: Limits | None = None,
    parse: ParseSplit = parse_split,
    *,
    needs_training: bool = True,
) -> TaskData:
    """Return the examples of ``task`` from ``source``, each split as ``parse`` gives it.

    Raises:
        DataError: no training split where the kind of answer and ``needs_training`` ask for one, no split to score, an
            empty split, a row that cannot be read, or an id twice.
    """
    if reason := source.reason_absent(task, needs_training=needs_training):
        raise DataError(f"task {task.name!r}: {reason}.")
    held, limits = source.splits(task), limits or Limits()
    wanted = ["train", *task.scored, *task.predicted]
    parsed = {split: parse(task, source, split, limits.of(split)) for split in wanted if split in held}

    def examples(splits: Sequence[str]) -> dict[str, list[Example]]:
        return {split: parsed[split].examples for split in splits if split in held}

    return TaskData(
        train=parsed["train"].examples if "train" in held else [],
        scored=examples(task.scored),
        predicted=examples(task.predicted),
        missing=tuple(split for split in task.scored if split not in held),
        num_held={split: found.num_held for split, found in parsed.items() if found.num_held is not None},
        left_out={split: found.left_out for split, found in parsed.items() if found.left_out},
    )
