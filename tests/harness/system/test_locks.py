"""Locks between processes: one is this test, the other a script that holds a lock until it is told to let go."""

import errno
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.errors import RunError
from harness.system.locks import claim, computing, measuring

HOLD = """
import sys
from pathlib import Path
from harness.system import locks
print("asking", flush=True)
with getattr(locks, sys.argv[1])(Path(sys.argv[2])) as held:
    print("refused" if held is False else "held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def other_process(kind: str, path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a process that asks for a lock; it has begun to ask."""
    command = [sys.executable, "-c", HOLD, kind, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        try:
            assert process.stdout.readline() == b"asking\n"
            yield process
        finally:
            process.kill()


def is_silent(process: "subprocess.Popen[bytes]") -> bool:
    return not select.select([process.stdout], [], [], 0.2)[0]


def test_a_claim_is_held_by_one_process_and_freed_by_its_death(tmp_path: Path) -> None:
    path = tmp_path / "new" / ".claim"
    with other_process("claim", path) as other:
        assert other.stdout.readline() == b"held\n"
        with claim(path) as held:
            assert held is False
        other.kill()
        other.wait()
        with claim(path) as held:
            assert held is True


def test_a_claim_is_given_back_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / ".claim"
    with pytest.raises(ZeroDivisionError), claim(path):
        raise ZeroDivisionError
    with claim(path) as held, claim(path) as held_twice:
        assert (held, held_twice) == (True, False)


def test_computing_goes_on_side_by_side_and_measuring_waits_for_it(tmp_path: Path) -> None:
    path = tmp_path / ".computing"
    with other_process("measuring", path) as measurer, other_process("computing", path) as computer:
        assert measurer.stdout.readline() == b"held\n"
        assert is_silent(computer)
        measurer.stdin.write(b"\n")  # lets go
        assert computer.stdout.readline() == b"held\n"
        with computing(path):
            pass  # beside the other, at once
        computer.stdin.write(b"\n")
        with measuring(path):
            pass  # once the other has let go


def test_measuring_waits_for_those_who_compute(tmp_path: Path) -> None:
    path = tmp_path / ".computing"
    with computing(path), other_process("measuring", path) as measurer:
        assert is_silent(measurer)
    with other_process("measuring", path) as measurer:
        assert measurer.stdout.readline() == b"held\n"


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, "there are none")

    monkeypatch.setattr("harness.system.locks.fcntl.flock", refuse)
    with pytest.raises(RunError, match=r"the file system has no locks \(there are none\).* expected --out on another"):
        claim(tmp_path / "lock").__enter__()


def test_a_lock_that_a_forked_process_holds_too_is_let_go(tmp_path: Path) -> None:
    read, write = os.pipe()
    with claim(tmp_path / "lock") as held:
        assert held
        child = os.fork()
        if not child:
            os.close(write)
            os.read(read, 1)
            os._exit(0)
    with claim(tmp_path / "lock") as free:
        assert free
    os.close(write)
    os.close(read)
    os.waitpid(child, 0)
