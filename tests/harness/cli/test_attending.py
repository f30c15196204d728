"""A run that is asked to end: by Ctrl-C once, twice or early, by SIGTERM, by SIGHUP. Nothing of it stays."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.engine.test_local import command, heed_signals, wait_for

MARK = "HARNESS_TEST_OF_SIGNALS"


def start(out: Path, folder: Path) -> "subprocess.Popen[str]":
    """Start a slow run as a terminal would: in a process group, all of which hears Ctrl-C."""
    return subprocess.Popen(
        command(out, "--task", "toy", "--model", "slow", "--workers", "1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(folder), MARK: str(folder)},
        preexec_fn=heed_signals,  # noqa: PLW1509 (unsafe beside threads, of which there are none here)
    )


def begun(out: Path) -> bool:
    """The server that workers are forked from still imports."""
    return (out / "run.json").is_file()


def training(out: Path) -> bool:
    return any(out.glob("trials/*/checkpoint.safetensors"))


def left(folder: Path) -> list[str]:
    """Return the processes that were started with the mark of this folder and still run."""
    mark, found = f"{MARK}={folder}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


def left_at_last(folder: Path) -> list[str]:
    """Return the processes that still run after a while in which those that are ending can end."""
    deadline = time.monotonic() + 30
    while left(folder) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left(folder)


@pytest.mark.parametrize(
    ("moment", "signals", "codes"),
    [
        (training, [signal.SIGINT], {130}),
        (training, [signal.SIGINT, signal.SIGINT, signal.SIGINT], {130}),
        (begun, [signal.SIGINT], {130}),
        (begun, [signal.SIGINT, signal.SIGINT], {130}),
        (training, [signal.SIGTERM], {143}),
        (training, [signal.SIGHUP], {129}),
        (training, [signal.SIGHUP, signal.SIGTERM], {129, 143}),  # two at once have no order
    ],
    ids=["once", "thrice", "early", "early, twice", "SIGTERM", "SIGHUP", "both"],
)
def test_it_ends_in_one_line_and_leaves_nothing(
    tmp_path: Path, moment: Callable[[Path], bool], signals: list[signal.Signals], codes: set[int]
) -> None:
    out, folder = tmp_path / "out", tmp_path / "tmp"
    folder.mkdir()
    process = start(out, folder)
    wait_for(lambda: moment(out), process)
    for number in signals:
        os.killpg(process.pid, number)
    output, errors = process.communicate(timeout=60)
    assert process.returncode in codes, errors
    assert output == ""
    said = [line for line in errors.splitlines() if not line.startswith(("data: ", "examples: ", "trials: "))]
    assert len(said) == 1, errors
    assert said[0].startswith("interrupted; the same command goes on from here: python -m harness run --plugin")
    assert left_at_last(folder) == []
    assert not list(folder.glob("pymp-*")), "what torch keeps there is its own"


def test_ctrl_c_typed_twice_at_a_terminal(tmp_path: Path) -> None:
    out, folder = tmp_path / "out", tmp_path / "tmp"
    folder.mkdir()
    ours, theirs = os.openpty()

    def take_terminal() -> None:
        heed_signals()
        os.login_tty(theirs)

    process = subprocess.Popen(
        command(out, "--task", "toy", "--model", "slow", "--workers", "1"),
        env={**os.environ, "TMPDIR": str(folder), MARK: str(folder), "TERM": "xterm"},
        preexec_fn=take_terminal,  # noqa: PLW1509 (unsafe beside threads, of which there are none here)
    )
    os.close(theirs)
    os.set_blocking(ours, False)
    shown = b""

    def is_training() -> bool:
        nonlocal shown
        shown += read_all(ours)
        return training(out)

    wait_for(is_training, process)
    os.write(ours, b"\x03\x03")
    while process.poll() is None:
        shown += read_all(ours)
        time.sleep(0.01)
    shown += read_all(ours)
    os.close(ours)
    assert process.returncode == 130
    assert b"Traceback" not in shown
    assert shown.count(b"interrupted; the same command goes on from here: ") == 1
    assert left_at_last(folder) == []


def read_all(terminal: int) -> bytes:
    """Return what a terminal shows by now."""
    try:
        return os.read(terminal, 65_536)
    except OSError:  # nothing yet, or nobody is there any more
        return b""
