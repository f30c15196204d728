"""What a piece of work adds is the same, whatever its process held and had imported before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.system.trial_memory import MemoryMeter, Peaks

MIB = 2**20
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")


def test_the_peak_is_what_was_held_at_once() -> None:
    meter = MemoryMeter()
    for _ in range(3):
        assert len(bytearray(b"x") * (64 * MIB)) == 64 * MIB
    peaks = meter.peaks("cpu")
    assert peaks.trial == pytest.approx(64 * MIB, abs=2 * MIB)
    assert peaks.process > peaks.trial


def test_what_was_held_and_freed_before_does_not_count() -> None:
    before = bytearray(b"x") * (96 * MIB)
    blocks = [bytes(2_000) for _ in range(20_000)]  # freed below, they leave holes in the heap that new ones would fill
    del blocks
    meter = MemoryMeter()
    del before
    held = bytearray(b"x") * (32 * MIB)
    assert meter.peaks("cpu").trial == pytest.approx(0, abs=2 * MIB), "less was held than before"
    more = bytearray(b"x") * (96 * MIB)
    assert meter.peaks("cpu").trial == pytest.approx(32 * MIB, abs=2 * MIB)
    assert len(held) + len(more) == 128 * MIB


CHILD = """
import os, sys
if sys.argv[1] == "preloaded":
    import large_module
ours, theirs = os.pipe()
if os.fork() == 0:
    from harness.system.trial_memory import measured_memory
    with measured_memory() as meter:
        import large_module
        data = bytearray(b"x") * (24 * 2**20)
        os.write(theirs, str(meter.peaks("cpu").trial).encode())
    os._exit(0)
print(os.read(ours, 100).decode())
"""
LARGE = """
import within_the_large
HELD = bytearray(b"x") * (32 * 2**20)
bytearray(b"x") * (48 * 2**20)
"""


@pytest.mark.parametrize("who", ["preloaded", "imported by the work"])
def test_modules_do_not_count_whoever_imports_them(tmp_path: Path, who: str) -> None:
    (tmp_path / "large_module.py").write_text(LARGE)
    (tmp_path / "within_the_large.py").write_text("HELD = bytearray(b'x') * (16 * 2**20)")
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", CHILD, who], env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=True
    )
    assert int(done.stdout) == pytest.approx(24 * MIB, abs=2 * MIB)


def test_elsewhere_nothing_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("harness.system.trial_memory.STATUS", tmp_path / "none")
    monkeypatch.setattr("harness.system.trial_memory.RESET", tmp_path / "none" / "none")
    peaks = MemoryMeter().peaks("cpu")
    assert peaks.trial is None
    assert peaks.process > MIB


def test_on_cuda_both_are_those_of_its_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.system.trial_memory.cuda_peak_bytes", lambda _device: 7)
    assert MemoryMeter().peaks("cuda") == Peaks(process=7, trial=7)
