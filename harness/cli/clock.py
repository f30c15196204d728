"""How much time is left in a stage: what is to do, over the rates at which each model has worked so far."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.engine.job import Job
from harness.plan.estimate import SECONDS_A_MEASUREMENT, makespan

MIN_FRACTION, MIN_SECONDS = 0.02, 3.0
"""Before this fraction of the work was done in so much time, no time left is given: it would be a guess."""


@dataclass(kw_only=True)
class _Timed:
    """A job as it is seen: its work, how far it is, and since when, in seconds of a monotonic clock."""

    job: Job
    work: float
    fraction: float = 0.0
    began: float | None = None
    first: tuple[float, float] = (0.0, 0.0)
    """The first fraction above 0 that was told, and when: what came before is the loading of libraries and rows."""
    seconds: float | None = None
    """How long it took, once it has ended."""

    @property
    def is_running(self) -> bool:
        return self.began is not None and self.seconds is None

    def measured(self, now: float) -> tuple[float, float]:
        """Return the work done while it was watched, and the seconds that this took."""
        if self.seconds is not None:
            return self.work, self.seconds
        fraction, since = self.first
        return self.work * (self.fraction - fraction), (now - since) * (self.fraction > fraction)


class Clock:
    """The time left. Work compares within a model; between models it may be off, so each has a rate of its own.

    ``num_measurements`` of speed come after the stage, and are part of what is left.
    """

    def __init__(self, work: Mapping[Job, float], *, num_measurements: int = 0) -> None:
        self._jobs = {job.key: _Timed(job=job, work=size) for job, size in work.items()}
        self._seconds_after = num_measurements * SECONDS_A_MEASUREMENT
        self._num_workers = 1

    def advance(self, job: Job, fraction: float) -> None:
        """Take in the fraction of one job that is done."""
        timed = self._jobs[job.key]
        now = time.monotonic()
        timed.began = now if timed.began is None else timed.began
        if timed.first[0] == 0.0 or fraction < timed.fraction:
            timed.first = (fraction, now)
        timed.fraction = fraction
        self._num_workers = max(self._num_workers, sum(each.is_running for each in self._jobs.values()))

    def end(self, job: Job) -> None:
        """Take in that a job ended."""
        timed, now = self._jobs[job.key], time.monotonic()
        timed.seconds = now - (now if timed.began is None else timed.began)
        timed.fraction = 1.0

    @property
    def num_ended(self) -> int:
        """How many jobs have ended."""
        return sum(timed.seconds is not None for timed in self._jobs.values())

    @property
    def num_jobs(self) -> int:
        """How many jobs there are."""
        return len(self._jobs)

    def left(self) -> str:
        """Return the time left, for a person."""
        seconds = self.seconds_left()
        return "estimating …" if seconds is None else f"about {duration(seconds)} left"

    def seconds_left(self) -> float | None:
        """Return the time left; ``None`` as long as too little is known."""
        now = time.monotonic()
        measured = [(timed.job.model, *timed.measured(now)) for timed in self._jobs.values()]
        work, seconds = (sum(column) for column in list(zip(*measured, strict=True))[1:]) if measured else (0.0, 0.0)
        total = sum(timed.work for timed in self._jobs.values())
        if self.num_ended < self.num_jobs and (seconds < MIN_SECONDS or work < MIN_FRACTION * total):
            return None
        rates = dict(_rates(measured))
        to_do = {
            key: timed.work * (1.0 - timed.fraction) / rates.get(timed.job.model, work / seconds)
            for key, timed in self._jobs.items()
            if timed.seconds is None
        }
        running, waiting = (
            [seconds for key, seconds in to_do.items() if self._jobs[key].is_running is one] for one in (True, False)
        )
        starts = (seconds for key, seconds in to_do.items() if self._jobs[key].job.is_start)
        followers = (seconds for key, seconds in to_do.items() if self._jobs[key].job.start in to_do)
        left = makespan(waiting, self._num_workers, running=running, starts=starts, followers=followers)
        return left + self._seconds_after


def _rates(measured: Iterable[tuple[str, float, float]]) -> Iterator[tuple[str, float]]:
    """Yield each model's work a second, where it has done some."""
    totals: dict[str, list[float]] = {}
    for model, work, seconds in measured:
        total = totals.setdefault(model, [0.0, 0.0])
        total[0] += work
        total[1] += seconds
    yield from ((model, work / seconds) for model, (work, seconds) in totals.items() if work and seconds)


def duration(seconds: float) -> str:
    """Return seconds as a person says them: ``45 s``, ``3 min 20 s``, ``2 h 05 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
