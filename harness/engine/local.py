"""The local engine: a worker process a job, forked from a server that has the libraries loaded.

Imports are paid once, no state leaks from one job into the next, and a worker that dies takes only its job along.
"""

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess

from harness.engine import server, worker
from harness.engine.events import JobEnded, JobProgressed, Listener
from harness.engine.failures import death_of, failure_of_start, save_failure
from harness.engine.job import Job
from harness.engine.messages import Done, Failed, HeldElsewhere, Message, Outcome, Progressed
from harness.errors import RunError
from harness.store.run import Run
from harness.system.accounts import account_of
from harness.system.locks import claim

NUM_STARTS = 3
POLL_SECONDS = 0.2
GRACE_SECONDS = 2.0
"""How long a worker that is to end may take, before it is killed."""


class LocalEngine:
    """Does jobs on this machine."""

    def start(self, modules: Iterable[str]) -> None:
        """Start the server, which imports what jobs need while this process goes on."""
        server.start(modules)

    def do(self, jobs: Sequence[Job], listener: Listener, *, num_workers: int) -> None:
        """Do all jobs; see :class:`~harness.engine.engine.Engine`."""
        _Pool(listener).work_off(jobs, num_workers)

    def stop(self) -> None:
        """End the server, even while it still imports."""
        server.stop()


@dataclass(frozen=True, kw_only=True)
class _Running:
    """A job, the process that does it, and what that says."""

    job: Job
    process: ForkServerProcess
    connection: Connection

    def end(self, grace_seconds: float = GRACE_SECONDS) -> int | None:
        """End the process and all that it has started; return its exit code, ``None`` if it had to be killed."""
        self.process.join(grace_seconds)
        exit_code = self.process.exitcode
        self.signal(signal.SIGKILL)
        self.process.join()
        self.process.close()
        self.connection.close()
        return exit_code

    def signal(self, number: int) -> None:
        """Send a signal to the process and to its group."""
        assert self.process.pid is not None, "it was started"
        with suppress(ProcessLookupError):  # it has no group yet, or nothing is left of it
            os.killpg(self.process.pid, number)
        if self.process.exitcode is None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, number)


class _Pool:
    """Keeps so many workers busy, one process a job."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._running: list[_Running] = []
        self._failed: set[str] = set()
        """The keys of the jobs that failed; what begins with one of them fails, too."""

    def work_off(self, jobs: Sequence[Job], num_workers: int) -> None:
        pending = deque(jobs)
        try:
            while pending or self._running:
                for _ in range(len(pending)):
                    if len(self._running) < num_workers:
                        self._start_or_requeue(pending)
                pending.extend(self._hear())
        finally:
            for running in self._running:
                running.signal(signal.SIGTERM)
            deadline = time.monotonic() + GRACE_SECONDS
            for running in self._running:
                running.end(max(deadline - time.monotonic(), 0.0))

    def _start_or_requeue(self, pending: "deque[Job]") -> None:
        job = pending.popleft()
        if job.start in self._failed:
            self._tell_failed(job, Failed(failure=failure_of_start(job), is_saved=False))
            return
        if job.start and any(job.start == each.key for each in (*pending, *(r.job for r in self._running))):
            pending.append(job)
            return
        with claim(Run(job.folder).claim_path(job.key)) as free:
            pass
        if free:
            self._start(job)
        else:
            pending.append(job)

    def _start(self, job: Job) -> None:
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe(duplex=False)
        for attempt in range(1, NUM_STARTS + 1):
            process = context.Process(target=worker.main, args=(job, theirs), daemon=True)
            try:
                process.start()
                break
            except (ConnectionError, EOFError) as error:  # the server has died; the next start begins with another
                if attempt == NUM_STARTS:
                    raise RunError(
                        f"no worker can be started, as the server that they are forked from ends at once "
                        f"({account_of(error)}); is there too little memory, or too low a limit of it (ulimit -v)?"
                    ) from error
        theirs.close()
        self._running.append(_Running(job=job, process=process, connection=ours))

    def _hear(self) -> list[Job]:
        """Hear what workers say for a moment; return the jobs that have to wait for another run."""
        ears = [ear for running in self._running for ear in (running.connection, running.process.sentinel)]
        ready, waiting = wait(ears, timeout=POLL_SECONDS), []
        for running in list(self._running):
            has_ended = running.process.sentinel in ready  # looked at first: what it has said by then can be read
            try:
                outcome = self._outcome(running)
            except Exception:  # noqa: BLE001 (its end of the pipe is closed, or a model has written into it)
                outcome, has_ended = None, True
            if outcome or has_ended:
                self._running.remove(running)
                waiting += self._ended(running.job, outcome, running.end())
        return waiting

    def _outcome(self, running: _Running) -> Outcome | None:
        """Return what a worker says came of its job, after passing on how far it was; ``None`` while it goes on."""
        while running.connection.poll():
            message: Message = running.connection.recv()
            if not isinstance(message, Progressed):
                return message
            self._listener(JobProgressed(job=running.job, phase=message.phase, fraction=message.fraction))
        return None

    def _ended(self, job: Job, outcome: Outcome | None, exit_code: int | None) -> list[Job]:
        """Tell how a job ended, which its worker's word and the file that it left say together."""
        match outcome:
            case HeldElsewhere():
                return [job]
            case Failed():
                failed = outcome
            case Done() | None if job.is_done():
                self._listener(JobEnded(job=job))
                return []
            case _:
                failed = Failed(failure=death_of(job, exit_code), is_saved=False)
        self._tell_failed(job, failed)
        return []

    def _tell_failed(self, job: Job, failed: Failed) -> None:
        self._failed.add(job.key)
        if not failed.is_saved:
            save_failure(failed.failure, Run(job.folder))
        self._listener(JobEnded(job=job, failure=failed.failure))
