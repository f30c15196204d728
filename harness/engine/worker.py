"""A process that does one :class:`Job` and ends: nothing of it outlives it but its files."""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from harness.catalog import load_catalog
from harness.engine.context import Context
from harness.engine.execution import run_trial
from harness.engine.job import Job
from harness.engine.speed import measure_speed
from harness.errors import HarnessError
from harness.store.records import Failure
from harness.store.run import Run
from harness.system.cores import Cores
from harness.system.environment import now
from harness.system.imports import prefer_own_packages
from harness.system.locks import claim, computing, measuring

FAILED, HELD_ELSEWHERE, ABANDONED = 2, 3, 4
"""Exit codes of a worker; 1 is of one that Python ended, with nothing saved."""


def execute(job: Job, tell: Callable[[str, float], None]) -> None:
    """Do a job: a trial while nobody on this host measures, or a measurement while nobody on it computes."""
    trial, run = job.trial(load_catalog(job.plugins)), Run(job.folder)
    cores = Cores(run.host_folder / "cores", job.num_cores)
    context = Context(run=run, device=job.device, num_threads=job.num_threads, cores=cores, tell=tell)
    lock = run.host_folder / "computing"
    if job.kind == "speed":
        with measuring(lock):
            measure_speed(trial, context)
    else:
        with computing(lock):
            run_trial(trial, context, keep_checkpoint=job.keep_checkpoint)


def main(job: Job, connection: Connection) -> None:
    """Do one job as a process; see the exit codes above."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the engine, which ends its workers
    gc.freeze()  # what was imported stays, and the pages that hold it stay the server's
    gc.enable()
    prefer_own_packages()
    run = Run(job.folder)
    with claim(run.claim_path(job.key)) as held:
        if not held:
            sys.exit(HELD_ELSEWHERE)
        if run.is_done(job.key) if job.kind == "trial" else run.is_measured(job.key):
            return
        log = run.trial_folder(job.key) / "log.txt"
        _log_to(log)
        _use_threads(job.num_threads)
        try:
            execute(job, Teller(connection))
            _drop_if_empty(log)
        except Exception as error:  # noqa: BLE001 (a failing pair is recorded, and the others go on)
            run.save_failure(_failure(job, error))
            sys.exit(FAILED)


class Teller:
    """Tells the engine how far the work is; without an engine to tell, the process ends, its checkpoint kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __call__(self, phase: str, fraction: float) -> None:
        """Tell of a phase and the fraction of it that is done."""
        try:
            self._connection.send((phase, fraction))
        except OSError:
            sys.exit(ABANDONED)


def _log_to(path: Path) -> None:
    """Send what libraries print to a file beside the result."""
    sys.stdout.flush()
    sys.stderr.flush()
    with path.open("a") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


def _drop_if_empty(log: Path) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    if log.stat().st_size == 0:
        log.unlink()


def _use_threads(num_threads: int) -> None:
    """Fix the number of threads: a sum's last digit may depend on it."""
    import threadpoolctl

    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["OMP_NUM_THREADS"] = str(num_threads)  # read by a torch that is yet to be imported
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(num_threads)
    threadpoolctl.threadpool_limits(num_threads)


def _failure(job: Job, error: Exception) -> Failure:
    message = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
    return Failure(
        kind=job.kind,
        key=job.key,
        task=job.task,
        model=job.model,
        seed=job.seed,
        message=message.strip().splitlines()[0] if message.strip() else type(error).__name__,
        traceback="".join(traceback.format_exception(error)),
        created=now(),
    )
