"""The local engine: a worker process a job, forked from a server that has the libraries loaded.

Imports are paid once, no state leaks from one job into the next, and a worker that dies takes only its job along.
"""

import multiprocessing
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess

from harness.engine import worker
from harness.engine.events import JobEnded, JobProgressed, Listener
from harness.engine.job import Job
from harness.store.records import Failure
from harness.store.run import Run
from harness.system.environment import now
from harness.system.imports import safe_path
from harness.system.locks import claim
from harness.system.memory import keep_freed_memory

PRELOAD = ("harness.system.preload", "harness.engine.worker", "sklearn.metrics", "scipy.stats", "pyarrow.parquet")
POLL_SECONDS = 0.2


class LocalEngine:
    """Does jobs on this machine."""

    def start(self, modules: Iterable[str]) -> None:
        """Start the server, which imports what jobs need while this process goes on."""
        multiprocessing.get_context("forkserver").set_forkserver_preload([*PRELOAD, *modules])
        keep_freed_memory()
        with safe_path():
            forkserver.ensure_running()

    def do(self, jobs: Sequence[Job], listener: Listener, *, num_workers: int) -> None:
        """Do all jobs; see :class:`~harness.engine.engine.Engine`."""
        _Pool(listener).work_off(jobs, num_workers)


@dataclass(frozen=True, kw_only=True)
class _Running:
    """A job, and the process that does it."""

    job: Job
    process: ForkServerProcess


class _Pool:
    """Keeps so many workers busy, one process a job."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._running: dict[Connection, _Running] = {}

    def work_off(self, jobs: Sequence[Job], num_workers: int) -> None:
        pending = deque(jobs)
        try:
            while pending or self._running:
                for _ in range(len(pending)):
                    if len(self._running) < num_workers:
                        self._start_or_requeue(pending)
                for connection in wait(list(self._running), timeout=POLL_SECONDS):
                    assert isinstance(connection, Connection)
                    pending.extend(self._receive(connection))
        finally:
            for running in self._running.values():
                running.process.terminate()
                running.process.join()

    def _start_or_requeue(self, pending: "deque[Job]") -> None:
        job = pending.popleft()
        with claim(Run(job.folder).claim_path(job.key)) as free:
            pass
        if free:
            self._start(job)
        else:
            pending.append(job)

    def _start(self, job: Job) -> None:
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=worker.main, args=(job, theirs), daemon=True)
        process.start()
        theirs.close()
        self._running[ours] = _Running(job=job, process=process)

    def _receive(self, connection: Connection) -> list[Job]:
        """Take one message; return the job if it has to wait for another run."""
        try:
            phase, fraction = connection.recv()
        except (EOFError, OSError):
            connection.close()
            return self._ended(self._running.pop(connection))
        self._listener(JobProgressed(job=self._running[connection].job, phase=phase, fraction=fraction))
        return []

    def _ended(self, running: _Running) -> list[Job]:
        job = running.job
        running.process.join()
        exit_code = running.process.exitcode
        if exit_code == 0:
            self._listener(JobEnded(job=job))
            return []
        if exit_code == worker.HELD_ELSEWHERE:
            return [job]
        if exit_code != worker.FAILED:
            Run(job.folder).save_failure(_death(job, exit_code))
        self._listener(JobEnded(job=job, failure=Run(job.folder).failure(job.key)))
        return []


def _death(job: Job, exit_code: int | None) -> Failure:
    """Return the record of a worker that died before it could write one."""
    how = f"was killed by signal {-exit_code}" if exit_code and exit_code < 0 else f"ended with code {exit_code}"
    log = Run(job.folder).trial_folder(job.key) / "log.txt"
    return Failure(
        kind=job.kind,
        key=job.key,
        task=job.task,
        model=job.model,
        seed=job.seed,
        message=f"the worker process {how} (out of memory?)" if exit_code == -9 else f"the worker process {how}",
        traceback=log.read_text(errors="replace")[-20_000:] if log.is_file() else "",
        created=now(),
    )
