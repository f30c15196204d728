"""A process that does one :class:`Order` and ends: nothing of it outlives it but its files."""

import gc
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from harness.api.limits import Limits
from harness.catalog import load_catalog
from harness.data.source import Source
from harness.engine.execution import run_trial
from harness.engine.place import Place
from harness.engine.speed import measure_speed
from harness.engine.worker_progress import Tell
from harness.errors import HarnessError
from harness.plan.trial import Trial
from harness.store.records import Failure
from harness.store.run import Run
from harness.system.cores import Cores
from harness.system.devices import resolve_precision
from harness.system.environment import now
from harness.system.locks import claim, computing, measuring

FAILED, HELD_ELSEWHERE, ABANDONED = 1, 3, 4
"""Exit codes of a worker."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a worker is to do. Tasks and models go by name: each process finds them again in its own catalog."""

    kind: Literal["trial", "speed"]
    folder: Path
    task: str
    model: str
    seed: int
    limits: Limits
    source: Source
    device: str
    num_threads: int
    num_cores: int
    plugins: tuple[str, ...]
    keep_checkpoint: bool


def execute(order: Order, tell: Tell) -> None:
    """Do what an order says: a trial while nobody measures, or a measurement while nobody computes."""
    catalog = load_catalog(order.plugins)
    task, model = catalog.task(order.task), catalog.model(order.model)
    precision = resolve_precision(model.recipe_for(task).precision, order.device)
    trial = Trial(
        task=task, model=model, seed=order.seed, limits=order.limits, source=order.source, precision=precision
    )
    cores = Cores(order.folder / ".cores", order.num_cores)
    place = Place(run=Run(order.folder), device=order.device, num_threads=order.num_threads, cores=cores)
    lock = order.folder / ".computing"
    if order.kind == "speed":
        with measuring(lock):
            measure_speed(trial, place, tell)
    else:
        with computing(lock):
            run_trial(trial, place, tell, keep_checkpoint=order.keep_checkpoint)


def main(order: Order, key: str, connection: Connection) -> None:
    """Run one order as a process; see the exit codes above."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the engine, which ends its workers
    gc.freeze()  # what was imported stays, and the pages that hold it stay the server's
    gc.enable()
    run = Run(order.folder)
    with claim(run.claim_path(key)) as held:
        if not held:
            sys.exit(HELD_ELSEWHERE)
        if run.is_done(key) if order.kind == "trial" else run.is_measured(key):
            return
        log = run.trial_folder(key) / "log.txt"
        _log_to(log)
        _use_threads(order.num_threads)
        try:
            execute(order, Teller(connection))
            _drop_if_empty(log)
        except Exception as error:  # noqa: BLE001 (a failing pair is recorded, and the others go on)
            run.save_failure(_failure(order, key, error))
            sys.exit(FAILED)


class Teller:
    """Tells the engine how far the work is; without an engine to tell, the process ends, its checkpoint kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __call__(self, phase: str, share: float) -> None:
        """Tell of a phase and the share of it that is done."""
        try:
            self._connection.send((phase, share))
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


def _failure(order: Order, key: str, error: Exception) -> Failure:
    message = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
    return Failure(
        kind=order.kind,
        key=key,
        task=order.task,
        model=order.model,
        seed=order.seed,
        message=message.strip().splitlines()[0] if message.strip() else type(error).__name__,
        traceback="".join(traceback.format_exception(error)),
        created=now(),
    )
