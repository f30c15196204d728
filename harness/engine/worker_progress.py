"""What a worker tells of its progress."""

import time
from collections.abc import Callable

Tell = Callable[[str, float], None]
"""Told of each phase, and how much of it is done, 0 to 1."""


class Throttled:
    """Tells of training steps, at most five times a second; the share is of the steps since this call of ``fit``."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._next = tell, 0.0
        self._before: int | None = None

    def __call__(self, step: int, steps: int) -> None:
        """Hear of a step."""
        before = self._before = step - 1 if self._before is None or step <= self._before else self._before
        if time.monotonic() >= self._next or step == steps:
            self._tell(f"step {step} of {steps}", (step - before) / (steps - before))
            self._next = time.monotonic() + 0.2
