"""Finds the files of a task below a folder of data: names are those of the official layout, but for case."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from harness.api.data import FolderData

NUM_LISTED = 12


def find_files(data: FolderData, root: Path) -> dict[str, tuple[Path, ...]]:
    """Return the files of each split that is there.

    They are looked for in the child of ``root`` that the data set names, in ``root`` itself, and in ``root`` as one of
    the folders that the paths begin with, such as ``SST-2``; the first of these that has any is taken.
    """
    if root.is_file():
        return _single(data, root)
    for folder in (*_children(data, root), root):
        if found := _present(data, {split: _below(folder, data.names(split)) for split in data.files}):
            return found
    inner = {split: [_within(root.name, name) for name in data.names(split)] for split in data.files}
    return _present(data, {split: _below(root, filter(None, names)) for split, names in inner.items()})


def explain_absence(data: FolderData, root: Path, splits: Iterable[str]) -> str:
    """Return which files would give one of these splits, and what is there in their place."""
    names = [name for split in splits for name in data.names(split)]
    expected = f"expected {' or '.join(names)}"
    if root.is_file():
        return f"{expected}, found the file {root.name}"
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


def _single(data: FolderData, file: Path) -> dict[str, tuple[Path, ...]]:
    """Return a file as the split whose path has its name, or else as the one that a lone file is."""
    named = (split for split in data.files for name in data.names(split) if PurePosixPath(name).name == file.name)
    split = next(named, data.lone)
    return {split: (file,)} if split else {}


def _present(data: FolderData, found: dict[str, list[Path]]) -> dict[str, tuple[Path, ...]]:
    """Return the splits that have a file; what a ``*`` matches is not what is named for another split."""
    plain = {split: [path for path in paths if _is_named(data, split, path)] for split, paths in found.items()}
    taken = {path for paths in plain.values() for path in paths}
    kept = {split: plain[split][:1] or [path for path in paths if path not in taken] for split, paths in found.items()}
    return {split: tuple(paths) for split, paths in kept.items() if paths}


def _is_named(data: FolderData, split: str, path: Path) -> bool:
    plain = (PurePosixPath(name).name.casefold() for name in data.names(split) if "*" not in name)
    return path.name.casefold() in plain


def _below(folder: Path, names: Iterable[str]) -> list[Path]:
    """Return the files that the paths lead to: of each that is there, or of all that one with a ``*`` matches."""
    found: list[Path] = []
    for name in names:
        matched = sorted(folder.glob(name)) if "*" in name else [_spelt(folder, name)]
        found += [path for path in matched if path and path.is_file()]
    return found


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
