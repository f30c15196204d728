"""What a run's files hold, without what newer files of the same run replace."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.store.records import Failure, Result, RunInfo, Speed
from harness.store.run import Run


@dataclass(frozen=True, kw_only=True)
class Newest:
    """A run's records: of several results of one task, model and seed the newest, all of a task from the same data."""

    info: RunInfo
    results: tuple[Result, ...]
    speeds: tuple[Speed, ...]
    failures: tuple[Failure, ...]
    num_replaced: int
    """Results that are left out, as newer ones of the same task were made from other data, limits or settings."""


def data_of(result: Result) -> tuple[object, ...]:
    """Return what two results of one task must share to be compared: the questions, and the limit on training."""
    data = result.data
    return ((result.task_version, data.fingerprint, data.limit_evaluation), data.limit_train)


def read_newest(run: Run) -> Newest:
    """Read one run; of several results of one task, model and seed the newest counts, and so do its data."""
    everything = sorted(run.results(), key=lambda result: (result.created, result.key))
    data = {result.task: data_of(result) for result in everything}
    newest = {(r.task, r.model.name, r.seed): r for r in everything if data_of(r) == data[r.task]}
    keys = {result.key for result in newest.values()}
    speeds: Sequence[Speed] = sorted(run.speeds(), key=lambda speed: speed.created)
    return Newest(
        info=run.info(),
        results=tuple(newest.values()),
        speeds=tuple(s for s in speeds if s.trial_key in keys and s.latency_seconds and s.batch_seconds),
        failures=tuple(f for f in run.failures() if f.key in keys or (f.task, f.model, f.seed) not in newest),
        num_replaced=len(everything) - len(newest),
    )
