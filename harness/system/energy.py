"""How much energy the machine has used, where it tells: processors by their counters, an NVIDIA GPU by its driver."""

import shutil
import subprocess
import time
from pathlib import Path

COUNTERS = Path("/sys/class/powercap")


class EnergyMeter:
    """Counts joules from its making on; of a GPU as its power at the moments it is asked, times what passed between."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._counters = _counters()
        self._before = {path: _read(path) for path in self._counters}
        self._joules, self._asked = 0.0, time.monotonic()
        self._is_known = bool(self._counters) or (device == "cuda" and _gpu_watts() is not None)

    def joules(self) -> float | None:
        """Return what was used since the meter was made; ``None`` where the machine does not tell."""
        if not self._is_known:
            return None
        for path in self._counters:
            now, before = _read(path), self._before[path]
            self._joules += (now - before if now >= before else now) / 1e6  # a counter that began anew
            self._before[path] = now
        now_, watts = time.monotonic(), (_gpu_watts() if self._device == "cuda" else None) or 0.0
        self._joules += watts * (now_ - self._asked)
        self._asked = now_
        return self._joules


def _counters() -> list[Path]:
    """Return the counters of processor packages that can be read; often only root may."""
    found = []
    for path in sorted(COUNTERS.glob("intel-rapl:[0-9]*/energy_uj")):
        if path.parent.name.count(":") == 1:
            try:
                _read(path)
            except (OSError, ValueError):
                continue
            found.append(path)
    return found


def _read(path: Path) -> int:
    return int(path.read_text(encoding="ascii"))


def _gpu_watts() -> float | None:
    command = shutil.which("nvidia-smi")
    if command is None:
        return None
    asked = [command, "--query-gpu=power.draw", "--format=csv,noheader,nounits", "--id=0"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=10)
        return float(done.stdout.strip().splitlines()[0])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
