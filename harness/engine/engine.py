"""Who does jobs: :class:`Engine`, a protocol, so that a plan is performed alike on this machine and on others."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from harness.engine.events import Listener
from harness.engine.job import Job


class Engine(Protocol):
    """Does jobs, each in a process of its own that ends with it."""

    def start(self, modules: Iterable[str]) -> None:
        """Get ready, without waiting for it: the jobs to come import these modules."""

    def do(self, jobs: Sequence[Job], listener: Listener, *, num_workers: int) -> None:
        """Do all jobs, begun in this order, so many at a time; tell how far each is, and how it ended.

        A job that has a ``start`` among the jobs is begun when that one is done; where that fails, it fails, too.
        What a job is to save, or its failure, is in the run's folder when its end is told. One that another run of
        the folder holds waits until that has ended.

        Raises:
            KeyboardInterrupt: after the workers have ended; what they had checkpointed is there for the next call.
        """

    def stop(self) -> None:
        """End at once what :meth:`start` has begun, after an interruption."""
