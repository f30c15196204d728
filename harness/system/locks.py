"""Locks between processes, on files; the system releases a dead process's. Two runs of one folder work side by side.

On a disk that hosts share they hold between hosts where its file system says so: on NFS from Linux 2.6.12 on, which
locks the whole file's bytes, and so takes a shared lock only on a file that is open for reading.
"""

import errno
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import RunError

WITHOUT_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


@contextmanager
def claim(path: Path) -> Iterator[bool]:
    """Try to hold ``path`` alone; gives whether that worked, at once."""
    with _locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB) as held:
        yield held


@contextmanager
def computing(path: Path) -> Iterator[None]:
    """Compute while others may, but not while somebody measures; waits for that."""
    with _locked(path, fcntl.LOCK_SH):
        yield


@contextmanager
def measuring(path: Path) -> Iterator[None]:
    """Measure while nobody computes; waits for that."""
    with _locked(path, fcntl.LOCK_EX):
        yield


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Do what nobody else does meanwhile, for a moment; waits for whoever does it now."""
    with _locked(path, fcntl.LOCK_EX):
        yield


@contextmanager
def _locked(path: Path, operation: int) -> Iterator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, operation)
        except BlockingIOError:
            yield False
            return
        except OSError as error:
            if error.errno not in WITHOUT_LOCKS:
                raise
            raise RunError(
                f"{path.parent}: the file system has no locks ({error.strerror}), by which processes share a run; "
                "expected --out on another one, or NFS and Lustre mounted with locks (-o flock)."
            ) from error
        try:
            yield True
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)  # closing it is not enough where a process that was forked holds it too
