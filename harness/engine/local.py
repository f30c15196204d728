"""The local engine: trials in worker processes, each forked from a server that has the libraries loaded.

Imports are paid once, no state leaks from one trial into the next, and a worker that dies takes only its trial along.
After the trials, the speed of each pair is measured, one at a time, while nothing else of the run computes.
"""

import multiprocessing
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from typing import Literal

from harness.engine import worker
from harness.engine.settings import Setting
from harness.engine.watcher import Watcher
from harness.engine.worker import Order
from harness.plan.estimate import Estimator
from harness.plan.plan import Plan
from harness.plan.trial import Trial
from harness.store.records import Failure
from harness.store.run import Run
from harness.system.environment import now
from harness.system.locks import claim
from harness.system.memory import keep_freed_memory

PRELOAD = ("harness.system.preload", "harness.engine.worker", "sklearn.metrics", "scipy.stats", "pyarrow.parquet")
POLL_SECONDS = 0.2


@dataclass
class _Job:
    trial: Trial
    order: Order
    label: str
    process: ForkServerProcess | None = None


def run_plan(plan: Plan, run: Run, setting: Setting, watcher: Watcher, stage: str = "trials") -> None:
    """Do what the run still lacks: trials, the longest first, then the speed of each pair.

    ``stage`` is what the trials are called meanwhile.

    Raises:
        KeyboardInterrupt: after the workers have ended; what they had checkpointed is there for the next call.
    """
    context = multiprocessing.get_context("forkserver")
    wanted = {module: None for trial in plan.trials for module in trial.model.preload}
    context.set_forkserver_preload([*PRELOAD, *wanted])
    unmeasured = [trial for trial in plan.pairs if not run.is_measured(trial.key)]
    missing = [trial for trial in plan.trials if not run.is_done(trial.key)]
    if missing or unmeasured:
        keep_freed_memory()
        forkserver.ensure_running()  # it imports while the work is estimated here
    if missing:
        estimator = Estimator(run, plan.trials)
        work = {trial.key: estimator.work(trial) for trial in missing}
        longest_first = sorted(missing, key=lambda trial: -work[trial.key])
        keep = {trial.key for trial in unmeasured}
        jobs = [_job(trial, "trial", run, setting, keep=trial.key in keep) for trial in longest_first]
        watcher.begin(stage, {job.label: work[job.trial.key] for job in jobs})
        _Pool(run, context, watcher).work_off(jobs, setting.num_workers)
    fitted = [trial for trial in unmeasured if run.is_done(trial.key)]
    if fitted:
        jobs = [_job(trial, "speed", run, setting, keep=False) for trial in fitted]
        watcher.begin("speed", dict.fromkeys((job.label for job in jobs), 1.0))
        _Pool(run, context, watcher).work_off(jobs, 1)


def _job(trial: Trial, kind: Literal["trial", "speed"], run: Run, setting: Setting, *, keep: bool) -> _Job:
    order = Order(
        kind=kind,
        folder=run.folder,
        task=trial.task.name,
        model=setting.model_names.get(trial.model.name, trial.model.name),
        seed=trial.seed,
        limits=trial.limits,
        source=trial.source,
        device=setting.device,
        num_threads=setting.num_threads,
        num_cores=setting.num_workers,
        plugins=setting.plugins,
        keep_checkpoint=keep,
    )
    return _Job(trial=trial, order=order, label=f"{trial.task.name} × {trial.model.name} · seed {trial.seed}")


class _Pool:
    """Keeps so many workers busy, one process a job."""

    def __init__(self, run: Run, context: "multiprocessing.context.ForkServerContext", watcher: Watcher) -> None:
        self._run = run
        self._context = context
        self._watcher = watcher
        self._active: dict[Connection, _Job] = {}

    def work_off(self, jobs: Sequence[_Job], num_workers: int) -> None:
        """Do all jobs; one that another run of this folder holds waits until that has ended."""
        pending = deque(jobs)
        try:
            while pending or self._active:
                for _ in range(len(pending)):
                    if len(self._active) < num_workers:
                        self._start_or_requeue(pending)
                for connection in wait(list(self._active), timeout=POLL_SECONDS):
                    assert isinstance(connection, Connection)
                    pending.extend(self._hear(connection))
        finally:
            for job in self._active.values():
                if job.process is not None:
                    job.process.terminate()
                    job.process.join()

    def _start_or_requeue(self, pending: "deque[_Job]") -> None:
        job = pending.popleft()
        with claim(self._run.claim_path(job.trial.key)) as free:
            pass
        if free:
            self._start(job)
        else:
            pending.append(job)

    def _start(self, job: _Job) -> None:
        ours, theirs = self._context.Pipe(duplex=False)
        job.process = self._context.Process(target=worker.main, args=(job.order, job.trial.key, theirs), daemon=True)
        job.process.start()
        theirs.close()
        self._active[ours] = job

    def _hear(self, connection: Connection) -> list[_Job]:
        """Take one message; return the job if it has to wait for another run."""
        job = self._active[connection]
        try:
            phase, share = connection.recv()
        except (EOFError, OSError):
            del self._active[connection]
            connection.close()
            return self._ended(job)
        self._watcher.tell(job.label, phase, share)
        return []

    def _ended(self, job: _Job) -> list[_Job]:
        assert job.process is not None
        job.process.join()
        exit_code = job.process.exitcode
        if exit_code == 0:
            self._watcher.end(job.label, "done")
            return []
        if exit_code == worker.HELD_ELSEWHERE:
            return [job]
        if exit_code != 1:
            self._run.save_failure(self._death(job, exit_code))
        failure = self._run.failure(job.trial.key)
        self._watcher.end(job.label, failure.message)
        return []

    def _death(self, job: _Job, exit_code: int | None) -> Failure:
        trial = job.trial
        how = f"was killed by signal {-exit_code}" if exit_code and exit_code < 0 else f"ended with code {exit_code}"
        log = self._run.trial_folder(trial.key) / "log.txt"
        return Failure(
            kind=job.order.kind,
            key=trial.key,
            task=trial.task.name,
            model=trial.model.name,
            seed=trial.seed,
            message=f"the worker process {how} (out of memory?)" if exit_code == -9 else f"the worker process {how}",
            traceback=log.read_text(errors="replace")[-20_000:] if log.is_file() else "",
            created=now(),
        )
