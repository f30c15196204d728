"""A plan done in its run's folder: what is missing becomes jobs, and an engine does them."""

from collections.abc import Callable

from harness.data.example_cache import ExampleCache
from harness.engine.engine import Engine
from harness.engine.events import DataRead, Event, JobEnded, Listener, Mended, StageBegan
from harness.engine.job import Job, make_job
from harness.engine.mending import mend
from harness.engine.options import Options
from harness.errors import RunError
from harness.plan.estimate import Estimator
from harness.plan.plan import Plan
from harness.plan.request import Prepared
from harness.plan.standing import standing_of
from harness.store.records import Failure
from harness.store.upkeep import drop_weights

Perform = Callable[[Plan, str], None]
"""Does what a run is missing of a plan, under a name of this stage."""


def perform(prepared: Prepared, options: Options, engine: Engine, listener: Listener, stage: str = "trials") -> None:
    """Do what the run is missing: trials, the longest first, then the speed of each pair, one at a time.

    Before all others come the trials that others begin with.

    ``stage`` is what the trials are called meanwhile.

    Raises:
        RunError: the run's folder cannot be written, or the failures of some jobs could not.
        KeyboardInterrupt: the same call goes on from there.
    """
    unrecorded: list[Failure] = []

    def listen(event: Event) -> None:
        if (
            isinstance(event, JobEnded)
            and event.failure
            and not (prepared.run.trial_folder(event.job.key) / "failure.json").is_file()
        ):
            unrecorded.append(event.failure)
        listener(event)

    try:
        _save_info(prepared)
        _perform(prepared, options, engine, listen, stage)
    except BaseException:
        engine.stop()
        raise
    if unrecorded:
        first = unrecorded[0]
        raise RunError(
            f"{prepared.run.folder}: {len(unrecorded)} failures could not be recorded there (is the disk full?), "
            f"such as that of {first.task} × {first.model} · seed {first.seed}: {first.account}"
        )


def _perform(prepared: Prepared, options: Options, engine: Engine, listener: Listener, stage: str) -> None:
    plan, run = prepared.plan, prepared.run
    standing = standing_of(plan, run)
    done, missing, unmeasured = standing.done, standing.missing, standing.unmeasured
    for account in mend(run, done, missing):
        listener(Mended(account=account))
    if missing or unmeasured:
        engine.start(dict.fromkeys(module for trial in plan.trials for module in trial.model.preload))
    num_examples = {trial.task.name: result.data.num_examples for trial, result in done}
    num_held: dict[str, dict[str, int]] = {}
    work: dict[Job, float] = {}
    if missing:
        estimator = Estimator(run, plan.trials, ExampleCache(folder=run.cache_folder).renew)
        keep = {trial.key for trial in unmeasured}
        work = {
            make_job("trial", trial, run, options, keep=trial.key in keep): estimator.work(trial) for trial in missing
        }
        num_examples |= estimator.num_examples
        num_held = estimator.num_held
    listener(DataRead(num_examples=num_examples, num_held=num_held))
    listener(StageBegan(stage=stage, work=work, num_cached=len(done), num_measurements=len(unmeasured)))
    if work:
        starts_first = sorted(work, key=lambda job: (not job.is_start, -work[job]))
        engine.do(starts_first, listener, num_workers=options.num_workers)
    if fitted := [trial for trial in unmeasured if run.is_done(trial.key)]:
        jobs = [make_job("speed", trial, run, options) for trial in fitted]
        listener(StageBegan(stage="speed", work=dict.fromkeys(jobs, 1.0)))
        engine.do(jobs, listener, num_workers=1)
    if any(trial.start for trial in plan.trials):
        drop_weights(run)


def _save_info(prepared: Prepared) -> None:
    try:
        prepared.run.add_info(prepared.info.model_copy(update={"asked": prepared.plan.asked}))
    except OSError as error:
        folder = prepared.run.folder
        raise RunError(f"--out {folder}: cannot be written: {error.strerror}; expected a folder of yours.") from error
