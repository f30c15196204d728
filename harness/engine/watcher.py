"""Who follows a run, to show it."""

from typing import Protocol


class Watcher(Protocol):
    """Follows a run, to show it."""

    def begin(self, stage: str, work: dict[str, float]) -> None:
        """Hear of a stage: the work of each job in it, by a label that a person can read."""

    def tell(self, label: str, phase: str, share: float) -> None:
        """Hear how far one job is: its phase, and the share of it that is done."""

    def end(self, label: str, outcome: str) -> None:
        """Hear that a job ended: ``done``, or what went wrong."""
