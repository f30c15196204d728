"""The gate: a run against a reference, pair by pair, put together into one report."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.gating.verdicts import GateReport
from harness.store import Run
from harness.task import Task


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is tolerated, and what is judged."""

    margin: float = 1.0
    """The loss of quality that is tolerated, in points."""
    cost_margin: float = 0.1
    """The growth of cost that is tolerated, as a share."""
    alpha: float = 0.05
    strict: bool = False
    """Whether *cannot tell* fails too."""
    models: tuple[str, ...] = ()
    """Only these of the reference's; all if empty."""
    tasks: tuple[str, ...] = ()
    quality_only: bool = False


def gate(run: Run, reference: Path, options: Options, tasks: Mapping[str, Task]) -> GateReport:
    """Return all findings on a run against a reference, which is a run's folder or a file made by `reference`.

    ``tasks`` say how answers are scored.

    Raises:
        HarnessError: a run or a reference that cannot be read, or with nothing in it to judge.
    """
    raise NotImplementedError
