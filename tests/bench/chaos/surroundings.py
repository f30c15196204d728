"""What may be wrong around a command: its streams, its limits, its folders, its environment, signals."""

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
"""Runs a command that permissions hold for, though it is root's."""


def _nothing() -> None:
    """Limit nothing."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault. ``environment`` may hold ``{place}``, the folder of the attack.

    ``prepare`` is called with that folder before the command, ``limit`` in its process, and ``spoil`` after it began.
    """

    name: str
    environment: Mapping[str, str] = field(default_factory=dict)
    stdout: str = "null"
    """``null``, ``full`` (a device without space), ``closed`` or ``pipe`` (whose reader is gone)."""
    stderr: str = "file"
    """``file`` or ``closed``."""
    limit: Callable[[], None] = _nothing
    prepare: Callable[[Path], None] = lambda _place: None
    is_unprivileged: bool = False
    """Whether permissions hold for it even if we are root."""
    loses_directory: bool = False
    """Whether its working directory is deleted."""
    signals: tuple[signal.Signals, ...] = ()
    is_twice: bool = False
    """Whether the same command runs beside it."""


def _limited(what: int, size: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(what, (size, size))

    return limit


def _read_only(place: Path) -> None:
    for path in [place, *place.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def _unreadable(place: Path) -> None:
    (place / "run" / "trials").chmod(0o000)


FAULTS = (
    Fault(name="output to a full device", stdout="full"),
    Fault(name="closed output", stdout="closed"),
    Fault(name="a pipe that nobody reads", stdout="pipe"),
    Fault(name="closed errors", stderr="closed"),
    Fault(name="ASCII terminal", environment={"PYTHONIOENCODING": "ascii"}),
    Fault(name="Latin-1 terminal", environment={"PYTHONIOENCODING": "latin-1"}),
    Fault(name="C locale", environment={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    Fault(name="disk full at 4 KiB a file", limit=_limited(resource.RLIMIT_FSIZE, 4_096)),
    Fault(name="disk full at once", limit=_limited(resource.RLIMIT_FSIZE, 0)),
    Fault(name="few open files", limit=_limited(resource.RLIMIT_NOFILE, 24)),
    Fault(name="far too little address space", limit=_limited(resource.RLIMIT_AS, 1_540 * 2**20)),
    Fault(name="little address space", limit=_limited(resource.RLIMIT_AS, 4 * 2**30)),
    Fault(name="a read-only folder", prepare=_read_only, is_unprivileged=True),
    Fault(name="a folder that may not be entered", prepare=_unreadable, is_unprivileged=True),
    Fault(name="working directory deleted", loses_directory=True),
    Fault(name="a long TMPDIR", environment={"TMPDIR": "{place}/" + "long/" * 40}),
    Fault(name="no TMPDIR", environment={"TMPDIR": "{place}/missing"}),
    Fault(name="no HOME", environment={"HOME": "/nowhere"}),
    Fault(name="a malformed proxy", environment={"HTTPS_PROXY": "::", "HTTP_PROXY": "http://[", "HF_HUB_OFFLINE": "0"}),
    Fault(name="SIGINT", signals=(signal.SIGINT,)),
    Fault(name="SIGINT twice", signals=(signal.SIGINT, signal.SIGINT)),
    Fault(name="SIGTERM", signals=(signal.SIGTERM,)),
    Fault(name="SIGHUP", signals=(signal.SIGHUP,)),
    Fault(name="two at once", is_twice=True),
)


def start(arguments: list[str], fault: Fault, place: Path, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start a command under a fault; what it says on standard error goes to ``log``."""
    environment = {name: value.format(place=place) for name, value in fault.environment.items()}
    if "long/" in environment.get("TMPDIR", ""):
        Path(environment["TMPDIR"]).mkdir(parents=True, exist_ok=True)
    directory = place / "here"
    directory.mkdir(exist_ok=True)
    fault.prepare(place)
    prefix = UNPRIVILEGED if fault.is_unprivileged and os.getuid() == 0 else []
    output, reader = _output(fault.stdout)

    def limit() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that grows too large is then an error, as a full disk
        fault.limit()
        if fault.stdout == "closed":
            os.close(1)
        if fault.stderr == "closed":
            os.close(2)
        if fault.loses_directory:
            shutil.rmtree(directory)

    process = subprocess.Popen(
        [*prefix, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=log,
        env={**os.environ, **environment},
        cwd=directory,
        preexec_fn=limit,  # noqa: PLW1509 (unsafe beside threads, of which there are none here)
        start_new_session=True,
    )
    for end in (output, reader):
        if isinstance(end, int) and end > 2:
            os.close(end)
    return process


def _output(kind: str) -> tuple[Any, int | None]:
    if kind == "full":
        return os.open("/dev/full", os.O_WRONLY), None
    if kind == "pipe":
        reader, writer = os.pipe()
        return writer, reader
    return subprocess.DEVNULL, None


def put_right(place: Path) -> None:
    """Give back what a fault took away."""
    for path in [place, *place.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
