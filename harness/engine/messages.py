"""What a worker tells its engine: how far it is, and, last, what came of its job."""

from dataclasses import dataclass

from harness.store.records import Failure


@dataclass(frozen=True, kw_only=True)
class Progressed:
    """The job is in a phase, and this fraction of it is done, 0 to 1."""

    phase: str
    fraction: float


@dataclass(frozen=True, kw_only=True)
class Done:
    """What the job was to save is in the run's folder."""


@dataclass(frozen=True, kw_only=True)
class HeldElsewhere:
    """Another run of the folder does this job."""


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The job failed; ``is_saved`` says whether its record could be written."""

    failure: Failure
    is_saved: bool


Outcome = Done | HeldElsewhere | Failed
Message = Progressed | Outcome
