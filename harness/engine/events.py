"""What happens in a run, as an engine tells it; terminals and tests listen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.engine.job import Job
from harness.store.records import Failure


@dataclass(frozen=True, kw_only=True)
class DataRead:
    """How many examples each split of each task has, and how many without the limits, where that is known."""

    num_examples: Mapping[str, Mapping[str, int]]
    num_held: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, kw_only=True)
class StageBegan:
    """A stage begins, such as the trials or the measurement of speed; ``work`` is that of each of its jobs.

    ``num_cached`` trials were done before; where all were, there is no work. ``num_measurements`` of speed follow.
    """

    stage: str
    work: Mapping[Job, float]
    num_cached: int = 0
    num_measurements: int = 0


@dataclass(frozen=True, kw_only=True)
class JobProgressed:
    """A job is in a phase, and this fraction of it is done, 0 to 1."""

    job: Job
    phase: str
    fraction: float


@dataclass(frozen=True, kw_only=True)
class JobEnded:
    """A job ended, with what it was to save or with a failure."""

    job: Job
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class Mended:
    """Something in the run's folder was mended, or is going to be; says what and why."""

    account: str


Event = DataRead | StageBegan | JobProgressed | JobEnded | Mended
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Listen to nothing."""
