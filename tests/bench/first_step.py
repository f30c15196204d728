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
from harness.engine.events import Event, JobEnded, JobProgressed, Listener, StageBegan


class UntilFirstStep:
    """Listens to the phases of a run, and interrupts it, as Ctrl-C does, after its first training step."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    def __call__(self, event: Event) -> None:
        match event:
            case StageBegan(stage=stage, work=work):
                self._say(f"{stage}: {len(work)} to do")
            case JobEnded(job=job, failure=failure):
                self._say(f"{job.label}: {failure.message if failure else 'done'}")
            case JobProgressed(job=job, phase=phase):
                self._say(f"{job.label}: {phase}")
                if phase.startswith("step "):
                    raise KeyboardInterrupt

    def _say(self, what: str) -> None:
        sys.stderr.write(f"{time.perf_counter() - self._started:6.2f} s after the plan: {what}\n")


@contextmanager
def listening(_console: Console) -> Iterator[Listener]:
    yield UntilFirstStep()


def main() -> None:
    """Run ``harness run`` with this command's options."""
    progress.listening = listening
    sys.argv.insert(1, "run")
    app.main()


if __name__ == "__main__":
    main()
