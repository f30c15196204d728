"""Files written whole or not at all, what killed processes leave of them, and names that are safe for them."""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; when the block ends well, it becomes ``path``, whole and on disk.

    A new file and its folders are as accessible as the umask says, and one that was there keeps its mode, as with
    ``open``. The temporary file is locked meanwhile, by which :func:`sweep` tells it from a killed process's.

    Raises:
        OSError: it cannot be written, which names ``path``; what was there before still is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary, handle = _create(path)
    try:
        yield temporary
        with suppress(FileNotFoundError):
            _keep_mode(temporary, path)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        _flush_names(path.parent)
    except OSError as error:
        if error.errno is None or error.filename not in {None, str(temporary)}:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)
        os.close(handle)


def left_over(folder: Path) -> Iterator[Path]:
    """Yield what killed processes left half written anywhere below ``folder``, each while nobody else can have it.

    Who writes a file holds it locked until it has its name, on whatever host; the system releases a dead process's
    lock. So what can be locked is nobody's. On a disk without locks there is nothing that is known to be.
    """
    for temporary in sorted(folder.rglob(".*.tmp")):
        with suppress(OSError):
            handle = os.open(temporary, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield temporary
            finally:
                os.close(handle)


def sweep(folder: Path) -> list[Path]:
    """Remove what killed processes left half written anywhere below ``folder``, and return what that was."""
    swept = []
    for temporary in left_over(folder):
        temporary.unlink(missing_ok=True)
        swept.append(temporary)
    return swept


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def slug(name: str) -> str:
    """Return ``name`` with all but letters, digits, dots and underscores made dashes, at most 60 characters."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-.")[-60:]


def _create(path: Path) -> tuple[Path, int]:
    """Return a new file beside ``path``, locked, under a name that is short whatever the other's length is."""
    while True:
        temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
        try:
            handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error
        if _lock(handle) and temporary.exists():
            return temporary, handle
        os.close(handle)  # somebody sweeps it, who came between its creation and its lock


def _lock(handle: int) -> bool:
    """Return whether a file is nobody else's; on a disk without locks it is, as nobody sweeps there."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _keep_mode(temporary: Path, path: Path) -> None:
    mode = path.stat().st_mode & 0o7777
    if mode != temporary.stat().st_mode & 0o7777:
        temporary.chmod(mode)


def _flush_names(folder: Path) -> None:
    """Make a rename last, where the file system can flush a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
