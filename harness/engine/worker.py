"""A process that does one :class:`Job` and ends: nothing of it outlives it but its files."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from harness.catalog import load_catalog
from harness.engine.context import Context
from harness.engine.execution import run_trial
from harness.engine.failures import failure_of, save_failure
from harness.engine.job import Job
from harness.engine.messages import Done, Failed, HeldElsewhere, Message, Outcome, Progressed
from harness.engine.speed import measure_speed
from harness.store.run import Run
from harness.system.accounts import traceback_of
from harness.system.cores import Cores
from harness.system.imports import prefer_own_packages
from harness.system.locks import claim, computing, measuring

ABANDONED = 4
"""The exit code of a worker whose engine is gone."""


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
    """Do one job as a process, tell what came of it, and end: whatever a model leaves running does not keep it."""
    _stand_alone()
    teller = Teller(connection)
    outcome = _outcome(job, teller)
    _flush()
    teller.tell(outcome)
    os._exit(0)


def _outcome(job: Job, teller: "Teller") -> Outcome:
    """Do the job, unless another process does it or has done it."""
    run = Run(job.folder)
    try:
        with claim(run.claim_path(job.key)) as held:
            if not held:
                return HeldElsewhere()
            return Done() if job.is_done() else _attempt(job, run, teller)
    except BaseException as error:  # noqa: BLE001 (no lock can be had, or no file)
        return _failed(job, run, error)


def _attempt(job: Job, run: Run, teller: "Teller") -> Outcome:
    try:
        log = run.trial_folder(job.key) / "log.txt"
        _log_to(log)
        _use_threads(job.num_threads)
        execute(job, teller.progress)
        _drop_if_empty(log)
    except BaseException as error:  # noqa: BLE001 (a failing pair is recorded, whatever it raises, and the others go on)
        return _failed(job, run, error)
    return Done()


def _failed(job: Job, run: Run, error: BaseException) -> Failed:
    failure = failure_of(job, error)
    with suppress(Exception):
        sys.stderr.write(traceback_of(error))  # the record is bounded, the log has all of it
    return Failed(failure=failure, is_saved=save_failure(failure, run))


class Teller:
    """Tells the engine how far the work is; without an engine to tell, the process ends, its checkpoint kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def progress(self, phase: str, fraction: float) -> None:
        """Tell of a phase and the fraction of it that is done."""
        self.tell(Progressed(phase=phase, fraction=fraction))

    def tell(self, message: Message) -> None:
        """Tell anything; not by an exception does the process end, as a model could take that for its own."""
        try:
            self._connection.send(message)
        except OSError:
            os._exit(ABANDONED)


def _stand_alone() -> None:
    """Make this process one that its engine can end with all that it has started, and that ends with its engine."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the engine, which ends its workers
    threading.Thread(target=_end_with_engine, daemon=True).start()
    gc.freeze()  # what was imported stays, and the pages that hold it stay the server's
    gc.enable()
    prefer_own_packages()


def _end_with_engine() -> None:
    engine = multiprocessing.parent_process()
    assert engine is not None, "a worker has an engine"
    engine.join()
    os.killpg(0, signal.SIGKILL)


def _log_to(path: Path) -> None:
    """Send what libraries print to a file beside the result."""
    _flush()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


def _drop_if_empty(log: Path) -> None:
    _flush()
    with suppress(OSError):
        if log.stat().st_size == 0:
            log.unlink()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # a model may have closed them
            stream.flush()


def _use_threads(num_threads: int) -> None:
    """Fix the number of threads: a sum's last digit may depend on it."""
    import threadpoolctl

    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["OMP_NUM_THREADS"] = str(num_threads)  # read by a torch that is yet to be imported
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(num_threads)
    threadpoolctl.threadpool_limits(num_threads)
