"""Examples kept in a run's folder, so that the rows of a task are parsed once a run and not once a trial.

Reading them takes a third of the time that parsing an official file does, and far less than the hub takes. A file is
named by a hash of all that shapes its content but the task's code, and whoever starts trials makes it anew
(:meth:`ExampleCache.renew`). It is written whole or not at all: processes that miss it at once write the same. One that
is damaged, or is another's under this name, is made anew.
"""

import gc
import hashlib
import json
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.api.example import Example, Span, Target
from harness.api.task import Task
from harness.data.loading import Split, parse_split
from harness.data.source import Source
from harness.system.files import write_text
from harness.system.sealed import DamagedError, read_json, seal_json

FORMAT = "harness-examples-5"
"""Changes with the fields of ``Example`` and with the key."""

SCALARS = {int, float, bool, str, type(None)}
"""What JSON gives back as it was; not so a NumPy number, which is a ``float`` too."""


@dataclass(frozen=True, kw_only=True)
class ExampleCache:
    """Stands for :func:`~harness.data.loading.parse_split`, with the same examples, kept in ``folder``."""

    folder: Path

    def read(self, task: Task, source: Source, split: str, limit: int | None = None) -> Split:
        """Return the examples of one split: those that are kept where they can be read, else newly parsed ones."""
        kept = read(self.path(task, source, split, limit))
        return self.renew(task, source, split, limit) if kept is None else kept

    def renew(self, task: Task, source: Source, split: str, limit: int | None = None) -> Split:
        """Return the examples of one split, parsed, and keep them, unless the data changed meanwhile."""
        path = self.path(task, source, split, limit)
        parsed = parse_split(task, source, split, limit)
        if path == self.path(task, source, split, limit):
            write(path, parsed)
        return parsed

    def path(self, task: Task, source: Source, split: str, limit: int | None) -> Path:
        """Return where the examples of one split lie."""
        content = (FORMAT, task.name, task.version, source.kind_for(task), source.fingerprint(task), split, limit)
        return self.folder / f"{hashlib.sha256(repr(content).encode()).hexdigest()}.json"


def write(path: Path, split: Split) -> None:
    """Write a split as JSON, one list a column; nothing where its examples would come back as something else."""
    examples = split.examples
    if not all(map(_is_plain, examples)):
        return
    columns = {
        "name": path.stem,
        "num_held": split.num_held,
        "left_out": split.left_out,
        "id": [example.id for example in examples],
        "text": [example.text for example in examples],
        "pair": _pack([example.pair for example in examples]),
        "target": [_stored(example.target) for example in examples],
        "tags": _pack([example.tags for example in examples]),
    }
    write_text(path, seal_json(json.dumps(columns)))


def read(path: Path) -> Split | None:
    """Return what :func:`write` wrote, ``None`` where nothing lies there that can be read."""
    try:
        with _without_collector():
            document = read_json(path)
            columns = json.loads(document.content)
            if document.checksum is None or columns["name"] != path.stem:
                return None
            pairs, tags = (_unpack(columns[name]) for name in ("pair", "tags"))
            targets = [_target(stored) if type(stored) in {list, dict} else stored for stored in columns["target"]]
            rows = zip(columns["id"], columns["text"], pairs, targets, tags, strict=True)
            examples = [
                Example(id=id_, text=text, pair=pair, target=target, tags=tags)
                for id_, text, pair, target, tags in rows
            ]
            return Split(examples=examples, num_held=columns["num_held"], left_out=columns["left_out"])
    except (OSError, DamagedError, ValueError, TypeError, LookupError, RecursionError):
        return None


def _pack(values: Sequence[Hashable]) -> tuple[list[Hashable], list[int]]:
    """Return the distinct values, and where each stands: a passage is asked about several times."""
    at = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return list(at), [at[value] for value in values]


def _unpack(packed: tuple[list[Any], list[int]]) -> list[Any]:
    distinct, at = packed
    distinct = [tuple(value) if type(value) is list else value for value in distinct]
    return [distinct[number] for number in at]


def _stored(target: Target) -> Any:
    if isinstance(target, frozenset):
        return {"set": sorted(target)}
    if isinstance(target, tuple):
        return [[item.text, item.start] if isinstance(item, Span) else item for item in target]
    return target


def _target(stored: Any) -> Any:
    if type(stored) is dict:
        return frozenset(stored["set"])
    return tuple(Span(*item) if type(item) is list else item for item in stored)


def _is_plain(example: Example) -> bool:
    """Return whether all of an example comes back from JSON, each value of the very type that it has."""
    target = example.target
    parts = list(target) if isinstance(target, tuple | frozenset) else [target]
    values = [value for part in parts for value in ((part.text, part.start) if type(part) is Span else (part,))]
    return (
        {type(example.id), type(example.text)} == {str}
        and type(example.pair) in {str, type(None)}
        and type(example.tags) is tuple
        and all(type(tag) is str for tag in example.tags)
        and all(type(value) in SCALARS for value in values)
    )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Make many values that all stay: looking through them again and again takes half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
