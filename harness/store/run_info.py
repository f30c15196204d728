"""What a run set out to do: :class:`RunInfo`, and how those of several commands in one folder become one."""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeVar

from pydantic import Field

from harness.store.records import SCHEMA, Record

T = TypeVar("T")


class AskedPair(Record):
    """The trials of a model on a task that count: those that were asked for with what was asked for last."""

    task: str
    model: str
    settings: str
    """A hash of all that the pair's trials share: of everything that can change predictions, but for the seed."""
    keys: list[str]
    """Of the trials, in the order in which they were asked for."""


class RunInfo(Record):
    """What a run set out to do, and how to make it again."""

    schema_version: Literal[1] = SCHEMA
    suite: str | None
    suite_title: str
    score_name: str
    """What the suite calls its score; :mod:`harness.store.naming` decides which mean may be called that."""
    suite_tasks: list[str] = Field(default_factory=list)
    """All tasks of the suite."""
    tasks: list[str]
    """In the order of the suite."""
    task_titles: dict[str, str]
    models: list[str]
    num_seeds: int
    """How many seeds a pair has, at most."""
    source: str
    """The value of ``--data`` that opens the same source again."""
    source_note: str
    is_sample: bool
    commands: list[str] = Field(default_factory=list)
    unsupported: list[tuple[str, str]] = Field(default_factory=list)
    """Pairs (task, model) where the model has no such kind of answer."""
    unsupported_reasons: dict[str, str] = Field(default_factory=dict)
    """Why, by the model, where its kind of answer does not say it."""
    absent: dict[str, str] = Field(default_factory=dict)
    """Tasks that the data source does not hold, and what is missing."""
    asked: list[AskedPair] = Field(default_factory=list)
    """What was asked for last of each pair; the pair that was asked for last is the last."""
    created: str


def merged(earlier: RunInfo, later: RunInfo) -> RunInfo:
    """Return what a run set out to do in all, when ``later`` is asked of it as well.

    It loses nothing of either, and is the same whether the two were asked one after the other or side by side.
    """
    tasks = _united(later.tasks, earlier.tasks)
    if later.suite:
        rank = {name: number for number, name in enumerate(later.suite_tasks)}
        tasks.sort(key=lambda name: rank.get(name, len(rank)))
    titles = {**earlier.task_titles, **later.task_titles}
    held = {task for task in later.tasks if task not in later.absent}
    asked = _asked(earlier.asked, later.asked)
    return later.model_copy(
        update={
            "suite_title": later.suite_title if later.suite else ", ".join(titles.values()),
            "tasks": tasks,
            "task_titles": titles,
            "models": _united(earlier.models, later.models),
            "num_seeds": max(earlier.num_seeds, later.num_seeds, *(len(pair.keys) for pair in asked)),
            "is_sample": earlier.is_sample or later.is_sample,
            "commands": _united(earlier.commands, later.commands),
            "unsupported": _united(later.unsupported, earlier.unsupported),
            "unsupported_reasons": earlier.unsupported_reasons | later.unsupported_reasons,
            "absent": {task: reason for task, reason in earlier.absent.items() if task not in held} | later.absent,
            "asked": asked,
            "created": earlier.created,
        }
    )


def _united(first: Iterable[T], second: Iterable[T]) -> list[T]:
    return list(dict.fromkeys([*first, *second]))


def _asked(earlier: Sequence[AskedPair], later: Sequence[AskedPair]) -> list[AskedPair]:
    """Return the pairs of both; of one that is asked for again with the same settings, the seeds of both."""
    pairs = {(pair.task, pair.model): pair for pair in earlier}
    for pair in later:
        before = pairs.pop((pair.task, pair.model), None)
        keys = before.keys if before and before.settings == pair.settings else []
        pairs[pair.task, pair.model] = pair.model_copy(update={"keys": _united(keys, pair.keys)})
    return list(pairs.values())
