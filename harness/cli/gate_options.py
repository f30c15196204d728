"""What `run` is asked about the gate: seeds until it can tell, or fresh seeds of what looks worse."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.api.task import Task
    from harness.engine.perform import Perform
    from harness.gate.adaptive import Gated
    from harness.plan.request import Prepared

MARGIN, MAX_SEEDS = 1.0, 20


@dataclass(frozen=True, kw_only=True)
class GateAsked:
    """A reference, and how the run heeds it: until decided where ``max_seeds`` is a number, else confirming."""

    reference: Path
    margin: float
    seeds: tuple[int, ...]
    """To begin with."""
    max_seeds: int | None

    def gated(self, prepared: "Prepared", tasks: "Mapping[str, Task]", perform: "Perform") -> "Gated":
        """Do the run, and return what the gate says of it."""
        from harness.gate.adaptive import GatedRun
        from harness.gate.gate import Options

        options = Options(margin=self.margin)
        run = GatedRun(prepared=prepared, reference=self.reference, options=options, tasks=tasks, perform=perform)
        return run.confirming() if self.max_seeds is None else run.until_decided(self.max_seeds)


def gate_asked(
    until_decided: Path | None,
    confirm: Path | None,
    *,
    seeds: tuple[int, ...],
    max_seeds: int | None,
    margin: float | None,
) -> GateAsked | None:
    """Return what the options ask for, ``None`` if nothing.

    Raises:
        UsageError: options that do not go together.
    """
    if until_decided and confirm:
        raise UsageError("--until-decided and --confirm are two ways to the same end; give one of them.")
    if until_decided and seeds != (0,):
        raise UsageError(
            "--until-decided begins with seeds 0 and 1 and adds the next ones; give --max-seeds in place of --seeds."
        )
    if max_seeds is not None and not until_decided:
        raise UsageError("--max-seeds goes with --until-decided REF.")
    reference = until_decided or confirm
    if reference is None:
        if margin is not None:
            raise UsageError("--margin goes with --until-decided REF or --confirm REF.")
        return None
    return GateAsked(
        reference=reference,
        margin=MARGIN if margin is None else margin,
        seeds=(0, 1) if until_decided else seeds,
        max_seeds=(max_seeds or MAX_SEEDS) if until_decided else None,
    )
