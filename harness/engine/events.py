"""What happens in a run, as an engine tells it; terminals and tests listen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.engine.job import Job
from harness.store.records import Failure


@dataclass(frozen=True, kw_only=True)
class StageBegan:
    """A stage begins, such as the trials or the measurement of speed; ``work`` is that of each of its jobs."""

    stage: str
    work: Mapping[Job, float]


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


Event = StageBegan | JobProgressed | JobEnded | Mended
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Listen to nothing."""
