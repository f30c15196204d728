"""Whether a report is up to date: beside it, in ``.made-from``, lies a hash of what it was made from. No pandas here.

A file counts by its name, inode, size and time of change, so a thousand results are checked without reading one. That
is exact, as the store never writes into a file but puts a new one in its place. ``comparison.json``, which is read back
where the report is up to date, counts by its content too.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from harness.api.task import Task
from harness.store.run import Run
from harness.system.environment import versions
from harness.system.files import write_text
from harness.system.sealed import read_bytes

NAME = ".made-from"
READ_BACK = "comparison.json"
CODE = Path(__file__).parent
CODE_KINDS = ("py", "j2", "css", "js", "csv")


def fingerprint(runs: Sequence[Run], tasks: Mapping[str, Task], tex_width: str) -> str:
    """Return a hash of all that a report on ``runs`` shows, and of the code that makes it, as wide as asked."""
    code = _states(CODE, [path for kind in CODE_KINDS for path in CODE.rglob(f"*.{kind}")])
    known = sorted((name, task.version) for name, task in tasks.items())
    return _hash([versions(), code, known, tex_width, [_states(run.folder, run.records()) for run in runs]])


def is_current(folder: Path, made_from: str) -> bool:
    """Return whether a report in ``folder`` was made from that, and has not been touched since."""
    try:
        return read_bytes(folder / NAME) == _seal(folder, made_from).encode()
    except OSError:
        return False


def write(folder: Path, made_from: str) -> None:
    """Say what the report that is now in ``folder`` was made from."""
    write_text(folder / NAME, _seal(folder, made_from))


def _seal(folder: Path, made_from: str) -> str:
    """Return a hash of what a report was made from, of where it lies, and of its own files."""
    files = [
        path for pattern in ("*.*", "plots/*", "exports/*/*") for path in folder.glob(pattern) if path.name != NAME
    ]
    try:
        read_back = hashlib.sha256(read_bytes(folder / READ_BACK)).hexdigest()
    except FileNotFoundError:
        read_back = ""
    return _hash([made_from, _states(folder, files), read_back])


def _states(folder: Path, files: Iterable[Path]) -> list[str | tuple[str, int, int, int]]:
    """Return where a folder lies, and the state of files in it."""
    states: list[str | tuple[str, int, int, int]] = [str(folder.resolve())]
    for path in sorted(files):
        with suppress(FileNotFoundError):  # another process has done since what had failed
            stat = path.stat()
            states.append((path.relative_to(folder).as_posix(), stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return states


def _hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
