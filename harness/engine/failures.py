"""The record of a job that failed. Making and keeping one cannot fail itself, or one pair would sink the rest."""

from harness.engine.job import Job
from harness.markup import printable, shortened
from harness.store.records import Failure
from harness.store.run import Run
from harness.system.accounts import MAX_TRACEBACK, account_of, traceback_of
from harness.system.environment import now


def failure_of(job: Job, error: BaseException) -> Failure:
    """Return the record of an exception."""
    return _record(job, account_of(error), traceback_of(error))


def death_of(job: Job, exit_code: int | None) -> Failure:
    """Return the record of a worker that said nothing of its job, or nothing true: how it ended, and its log's end."""
    how = f"ended with code {exit_code}"
    if exit_code is None:
        how = "stopped telling how far it is"
    elif exit_code < 0:
        how = f"was killed by signal {-exit_code}" + (" (out of memory?)" if exit_code == -9 else "")
    return _record(job, f"the worker process {how} without a result", _end_of_log(job))


def failure_of_start(job: Job) -> Failure:
    """Return the record of a job that could not begin, as what it begins with failed."""
    return _record(job, f"not begun, as the trial that it starts from ({job.start_from}, same seed) failed", "")


def save_failure(failure: Failure, run: Run) -> bool:
    """Write the record; return whether that worked: the disk may be full, which may be why the job failed."""
    try:
        run.save_failure(failure)
    except Exception:  # noqa: BLE001 (the failure is told all the same)
        return False
    return True


def _record(job: Job, message: str, details: str) -> Failure:
    return Failure(
        kind=job.kind,
        key=job.key,
        task=job.task,
        model=job.model,
        seed=job.seed,
        message=message,
        traceback=shortened(details, MAX_TRACEBACK),
        created=now(),
    )


def _end_of_log(job: Job) -> str:
    try:
        with (Run(job.folder).trial_folder(job.key) / "log.txt").open("rb") as log:
            log.seek(max(log.seek(0, 2) - MAX_TRACEBACK, 0))
            return printable(log.read().decode(errors="replace"))
    except OSError:
        return ""
