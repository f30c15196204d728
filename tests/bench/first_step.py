"""A run that ends with its first training step, and says how it got there: ``python -m tests.bench.first_step``.

The options are those of ``harness run``. The time from this command to its end is the time to the first step, and a
little more for ending the worker.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from harness.cli import app, progress


class UntilFirstStep:
    """Hears of the phases of a run, and interrupts it, as Ctrl-C does, after its first training step."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    def begin(self, stage: str, work: dict[str, float]) -> None:
        self._say(f"{stage}: {len(work)} to do")

    def tell(self, label: str, phase: str, share: float) -> None:
        self._say(f"{label}: {phase}")
        if phase.startswith("step "):
            raise KeyboardInterrupt

    def end(self, label: str, outcome: str) -> None:
        self._say(f"{label}: {outcome}")

    def _say(self, event: str) -> None:
        sys.stderr.write(f"{time.perf_counter() - self._started:6.2f} s after the plan: {event}\n")


@contextmanager
def watching(_console: Console) -> Iterator[progress.Watcher]:
    yield UntilFirstStep()


def main() -> None:
    """Run ``harness run`` with this command's options."""
    progress.watching = watching
    sys.argv.insert(1, "run")
    app.main()


if __name__ == "__main__":
    main()
