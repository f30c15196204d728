"""The folders that :mod:`multiprocessing` makes in TMPDIR, which a killed process leaves there: ours are swept."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from multiprocessing import util
from pathlib import Path

_MARK = ".harness"
_marked: dict[Path, int] = {}
"""The folder of this process, and the lock that it holds until it ends."""


def mark() -> None:
    """Say that this process's folder is ours, by a locked file in it; where there are no locks it bears none."""
    folder = Path(util.get_temp_dir())
    if folder in _marked:
        return
    with suppress(OSError):
        early = folder / f"{_MARK}-early"
        handle = os.open(early, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        early.rename(folder / _MARK)  # under this name it is never without the lock, while we live
        _marked[folder] = handle


def sweep() -> list[Path]:
    """Remove the folders of our processes that were killed, and return what they were."""
    swept = []
    for folder in Path(tempfile.gettempdir()).glob("pymp-*"):
        with suppress(OSError):
            handle = os.open(folder / _MARK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
                swept.append(folder)
            finally:
                os.close(handle)
    return swept
