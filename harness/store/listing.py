"""What is in a folder, and whether a file is there: where that cannot be known it is an error, and never a no."""

import os
from pathlib import Path

from harness.errors import RunError


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder, by name, without what is hidden; nothing where there is no such folder.

    Raises:
        RunError: it cannot be entered, or is none.
    """
    try:
        with os.scandir(folder) as found:
            return sorted(folder / entry.name for entry in found if not entry.name.startswith("."))
    except OSError as error:
        if _is_absent(folder, error):
            return []
        raise _unknown(folder, error) from error


def files_in(folder: Path, *suffixes: str) -> list[Path]:
    """Return the files in a folder whose names end so, by name."""
    return [path for path in entries(folder) if path.suffix in suffixes]


def is_there(path: Path) -> bool:
    """Return whether there is a file.

    Raises:
        RunError: that cannot be known: a folder above it cannot be entered, or is none, or a link leads nowhere.
    """
    try:
        path.stat()
    except OSError as error:
        if _is_absent(path, error):
            return False
        raise _unknown(path, error) from error
    return True


def is_there_or_damaged(path: Path) -> bool:
    """Return whether something is there, be it a link that leads nowhere, which cannot be read."""
    return os.path.lexists(path) or is_there(path)


def _is_absent(path: Path, error: OSError) -> bool:
    """Return whether nothing is there, not even a link or one above it that leads nowhere."""
    if not isinstance(error, FileNotFoundError):
        return False
    return not any(part.is_symlink() and not part.exists() for part in (path, *path.parents))


def _unknown(path: Path, error: OSError) -> RunError:
    return RunError(f"{path}: cannot be read: {error.strerror}; expected a file or folder of the run, or nothing.")
