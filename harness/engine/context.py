"""What a worker gives to the trial that it does."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.store.run import Run
from harness.system.cores import Cores


def _ignore(_phase: str, _fraction: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """Where a trial is done: what changes its speed and not its predictions, and whom it tells how far it is.

    ``tell`` takes a phase, and the fraction of it that is done, 0 to 1.
    """

    run: Run
    device: str
    num_threads: int
    cores: Cores
    tell: Callable[[str, float], None] = _ignore


class StepProgress:
    """Tells of training steps, at most five times a second; the fraction is of the steps since this call of ``fit``."""

    def __init__(self, context: Context) -> None:
        self._tell, self._next = context.tell, 0.0
        self._before: int | None = None

    def __call__(self, step: int, steps: int) -> None:
        """Take in a step."""
        before = self._before = step - 1 if self._before is None or step <= self._before else self._before
        if time.monotonic() >= self._next or step == steps:
            self._tell(f"step {step} of {steps}", (step - before) / (steps - before))
            self._next = time.monotonic() + 0.2
