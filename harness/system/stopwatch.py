"""Wall time: laps of one piece of work, and samples of an action repeated."""

import time
from collections.abc import Callable
from dataclasses import dataclass


class Stopwatch:
    """Wall time, lap by lap, in seconds."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> float:
        """End a lap and return its length."""
        now_ = time.perf_counter()
        self.laps[name], self._last = now_ - self._last, now_
        return self.laps[name]

    def total(self) -> float:
        """Return the time since the start."""
        return time.perf_counter() - self._started


WARM_UPS = 2


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How long to sample each timing: until ``seconds`` are over, but at least and at most so many samples."""

    seconds: float
    min_samples: int
    max_samples: int = 100


def repeat(action: Callable[[int], None], budget: Budget) -> list[float]:
    """Return the wall times of an action done again and again; it is told its turn, from 0."""
    samples: list[float] = []
    end = time.perf_counter() + budget.seconds
    while len(samples) < budget.min_samples or (len(samples) < budget.max_samples and time.perf_counter() < end):
        started = time.perf_counter()
        action(len(samples))
        samples.append(time.perf_counter() - started)
    return samples
