"""Where a trial runs."""

from dataclasses import dataclass

from harness.store.run import Run
from harness.system.cores import Cores


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a trial runs: what changes its speed and not its answers."""

    run: Run
    device: str
    num_threads: int
    cores: Cores
