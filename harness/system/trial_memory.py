"""The peak of memory that a piece of work itself adds to a process, whatever the process held before.

Counted is anonymous memory: data, weights, gradients, moments, activations, and what libraries keep for them. Not
counted are modules, whether they were there before the work or are imported by it, nor pages of files, which processes
share. So a worker's value does not depend on what the server that it was forked from has imported: the kernel counts
that as the worker's own from its birth on, and pages that both still share as well as those that were copied since.
"""

import ctypes
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from harness.system.environment import cuda_peak_bytes, peak_memory_bytes
from harness.system.import_watch import watching_imports

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """Of a process that has done a piece of work, in bytes; of one that used CUDA, twice that of its tensors there."""

    process: int
    """The most that it held, modules and pages of files included."""
    trial: int | None
    """The most that the work itself added; ``None`` on systems other than Linux, which do not tell."""


class MemoryMeter:
    """Measures from its making on."""

    def __init__(self) -> None:
        self._peak = self._process_peak = 0
        _release_freed()
        self._before = _anonymous(_held())
        _reset_peak()

    def peaks(self, device: str) -> Peaks:
        """Return the peaks so far."""
        if (of_tensors := cuda_peak_bytes(device)) is not None:
            return Peaks(process=of_tensors, trial=of_tensors)
        is_told = self._take()
        process = max(self._process_peak, peak_memory_bytes(device))
        return Peaks(process=process, trial=self._peak if is_told else None)

    def leave_out_import(self) -> Iterator[None]:
        """Leave out what is added meanwhile."""
        self._take()
        before = _anonymous(_held())
        yield
        _release_freed()
        self._before += _anonymous(_held()) - before
        _reset_peak()

    def _take(self) -> bool:
        """Take in the peak since the last reset; return whether the system tells it.

        The kernel's peak has pages of files; what is held of them now is what was held then, as they come and stay.
        """
        held = _held()
        self._peak = max(self._peak, held.get("VmHWM", 0) - held.get("RssFile", 0) - self._before)
        self._process_peak = max(self._process_peak, held.get("VmHWM", 0))
        return "VmHWM" in held


@contextmanager
def measured_memory() -> Iterator[MemoryMeter]:
    """Measure the work that is done meanwhile."""
    meter = MemoryMeter()
    with watching_imports(contextmanager(meter.leave_out_import)):
        yield meter


def _held() -> dict[str, int]:
    """Return what the process holds, in bytes by the kernel's name; empty where the system does not tell."""
    try:
        found = re.findall(r"^(\w+):\s+(\d+) kB$", STATUS.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    except OSError:
        return {}
    return {name: 1024 * int(value) for name, value in found}


def _anonymous(held: dict[str, int]) -> int:
    return held.get("RssAnon", 0) + held.get("RssShmem", 0)


def _release_freed() -> None:
    """Give memory that was freed back to the system, so that using it anew counts as much as using new memory."""
    with suppress(OSError, AttributeError):  # other C libraries have no such function
        ctypes.CDLL(None).malloc_trim(0)


def _reset_peak() -> None:
    """Let the kernel's peak begin anew; where it does not, it is that of the process since its birth, hardly more."""
    with suppress(OSError):
        RESET.write_text("5", encoding="ascii")
