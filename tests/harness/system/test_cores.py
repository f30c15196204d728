"""Idle cores are borrowed and given back, and nobody can tell from the values."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from harness.system.cores import Cores


def thread_of(_: int) -> int:
    time.sleep(0.02)
    return threading.get_ident()


def test_values_come_in_order(tmp_path: Path) -> None:
    for cores in (Cores(), Cores(tmp_path, 1), Cores(tmp_path, 4)):
        with cores.one():
            assert list(cores.map(lambda number: number**2, range(9))) == [number**2 for number in range(9)]
            assert list(cores.map(thread_of, [])) == []


def test_free_cores_take_part_and_those_of_others_do_not(tmp_path: Path) -> None:
    mine, other = Cores(tmp_path, 3), Cores(tmp_path, 3)
    with mine.one():
        assert len(set(mine.map(thread_of, range(6)))) == 3
        assert mine.borrowed_seconds > 0
        with other.one():
            assert len(set(mine.map(thread_of, range(6)))) == 2
            with other.one():
                assert set(mine.map(thread_of, range(6))) == {threading.get_ident()}
        assert len(set(mine.map(thread_of, range(6)))) == 3
        assert len(set(mine.map(thread_of, range(2)))) == 2, "no more threads than items"


def test_a_core_is_waited_for(tmp_path: Path) -> None:
    cores, began = Cores(tmp_path, 1), threading.Event()

    def second() -> None:
        with Cores(tmp_path, 1).one():
            began.set()

    with cores.one():
        thread = threading.Thread(target=second)
        thread.start()
        assert not began.wait(0.1)
    assert began.wait(5)
    thread.join()


@pytest.mark.parametrize("count", [1, 3])
def test_an_error_comes_through_and_gives_all_cores_back(tmp_path: Path, count: int) -> None:
    def fail(number: int) -> int:
        if number == 4:
            raise MemoryError("planted")
        return number

    cores = Cores(tmp_path, count)
    with cores.one(), pytest.raises(MemoryError):
        list(cores.map(fail, range(6)))
    with cores.one():
        assert len(set(cores.map(thread_of, range(6)))) == count


def test_a_dead_process_gives_its_core_back(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from harness.system.cores import Cores
with Cores(Path({str(tmp_path)!r}), 1).one():
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with Cores(tmp_path, 1).one():
        pass
