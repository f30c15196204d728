"""Where a task's rows lie, in each of the three kinds of source: the hub, a folder, the generated sample.

Rows have the same columns whatever the source: those of the hub.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class HubData:
    """A dataset on the hub, at a pinned revision.

    ``splits`` maps our split to the hub's ``(config, split)``; where one of ours is made of several, the config has a
    comma between them. ``gather`` makes the rows of a task from those of the hub, where they are not the same.
    """

    name: str
    revision: str
    splits: Mapping[str, tuple[str, str]]
    gather: Callable[[Iterable[Mapping[str, Any]]], Iterable[Mapping[str, Any]]] | None = None


@dataclass(frozen=True, kw_only=True)
class FolderData:
    """Files in a dataset's official layout.

    ``files`` maps a split to its path below the folder; ``read`` parses one such file. The folder is the one given as
    ``--data DIR`` (or its child named ``child``, or one of several), unless ``root`` fixes it. A file that is not there
    is a split that is not there; where a split has several paths, the first that is there counts. A path with a ``*``
    stands for all files that it matches, in the order of their names, but for those that are another split. A single
    file may be given in place of the folder: it is the split that its name says, or else the split ``lone``.
    """

    files: Mapping[str, str | tuple[str, ...]]
    read: Callable[[Path], Iterable[Mapping[str, Any]]]
    child: str | tuple[str, ...] = ()
    root: Path | None = None
    lone: str = ""

    def names(self, split: str) -> tuple[str, ...]:
        """Return the paths that a split may have below the folder."""
        names = self.files[split]
        return (names,) if isinstance(names, str) else names


@dataclass(frozen=True, kw_only=True)
class SampleData:
    """Rows made by our own code. ``generate(split, seed)`` always gives the same; raise ``version`` when it changes."""

    splits: tuple[str, ...]
    generate: Callable[[str, int], Iterable[Mapping[str, Any]]]
    version: int
    seed: int = 0
