"""Finds the files of a task below a folder of data: names are those of the official layout, but for case."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from harness.api.data import FolderData

NUM_LISTED = 12


def find_files(data: FolderData, root: Path) -> dict[str, Path]:
    """Return the file of each split that is there.

    They are looked for in the child of ``root`` that the data set names, in ``root`` itself, and in ``root`` as one of
    the folders that the paths begin with, such as ``SST-2``; the first of these that has any is taken.
    """
    for folder in (*_children(data, root), root):
        if found := _present({split: _below(folder, data.names(split)) for split in data.files}):
            return found
    inner = {split: [_within(root.name, name) for name in data.names(split)] for split in data.files}
    return _present({split: _below(root, filter(None, names)) for split, names in inner.items()})


def explain_absence(data: FolderData, root: Path, splits: Iterable[str]) -> str:
    """Return which files would give one of these splits, and what is there in their place."""
    names = [name for split in splits for name in data.names(split)]
    expected = f"expected {' or '.join(names)}"
    base = next((folder for folder in _children(data, root) if _names(folder)), root)
    if base == root != data.root and (nested := sorted(path for name in names for path in root.glob(f"*/{name}"))):
        inner = nested[0].relative_to(root)
        return f"{expected}, found {inner}; give --data the folder {inner.parts[0]} in it"
    own = (_entry(base, PurePosixPath(name).parts[0]) for name in names)
    folder = next((path for path in own if path and path.is_dir()), base)
    return f"{expected}, found {listing(folder)} in {folder.name}"


def listing(folder: Path) -> str:
    """Return the names in a folder, of many the first ones."""
    names = _names(folder)
    more = [f"{len(names) - NUM_LISTED} more"] if len(names) > NUM_LISTED else []
    return ", ".join([*names[:NUM_LISTED], *more]) or "nothing"


def _names(folder: Path) -> list[str]:
    return sorted(path.name + "/" * path.is_dir() for path in folder.iterdir() if not path.name.startswith("."))


def _children(data: FolderData, root: Path) -> list[Path]:
    children = (data.child,) if isinstance(data.child, str) else data.child
    return [folder for name in children if name and (folder := _entry(root, name)) and folder.is_dir()]


def _present(found: dict[str, Path | None]) -> dict[str, Path]:
    return {split: path for split, path in found.items() if path}


def _below(folder: Path, names: Iterable[str]) -> Path | None:
    return next((path for name in names if (path := _spelt(folder, name)) and path.is_file()), None)


def _spelt(folder: Path, name: str) -> Path | None:
    """Return what a path below a folder leads to: as it is spelt, or else the only one that differs in case alone."""
    if (path := folder / name).is_file():
        return path
    found: Path | None = folder
    for part in PurePosixPath(name).parts:
        found = found and _entry(found, part)
    return found


def _entry(folder: Path, name: str) -> Path | None:
    if (path := folder / name).exists() or not folder.is_dir():
        return path if path.exists() else None
    near = [entry for entry in folder.iterdir() if entry.name.casefold() == name.casefold()]
    return near[0] if len(near) == 1 else None


def _within(folder: str, name: str) -> str:
    """Return the rest of a path that begins with a folder of this name; empty for another."""
    first, _, rest = name.partition("/")
    return rest if first.casefold() == folder.casefold() else ""
