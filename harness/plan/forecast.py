"""What a dry run shows: the rows, each pair, what of it is done, and roughly how long the rest takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.plan.estimate import SECONDS_A_MEASUREMENT, Estimator, makespan
from harness.plan.request import Prepared
from harness.plan.standing import standing_of


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One line of a dry run: the seeds of a pair that are done, those to do, and roughly how long they take."""

    task: str
    model: str
    num_cached: int
    num_new: int
    seconds: float
    supported: bool = True
    start: str = ""
    """The task that its training begins with the encoder of."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """All of a dry run. ``seconds`` are those on ``num_workers`` until all speeds are measured, as a run tells them.

    ``num_examples`` is how many each split of a task has, and ``num_held`` how many without limits, where known.
    """

    pairs: list[Pair]
    num_workers: int
    seconds: float
    num_examples: Mapping[str, Mapping[str, int]]
    num_held: Mapping[str, Mapping[str, int]]


def forecast(prepared: Prepared, *, num_workers: int) -> Forecast:
    """Return what a run would do."""
    plan, run = prepared.plan, prepared.run
    standing = standing_of(plan, run)
    done, new = standing.done, standing.missing
    estimator = Estimator(run, plan.trials if new else [])  # with nothing to do, no row is read
    seconds = {trial.key: estimator.seconds(trial) for trial in new}
    pairs = []
    for first in plan.pairs:
        seeds = [t for t in plan.trials if (t.task.name, t.model.name) == (first.task.name, first.model.name)]
        todo = [seconds[trial.key] for trial in seeds if trial.key in seconds]
        pairs.append(
            Pair(
                task=first.task.name,
                model=first.model.name,
                num_cached=len(seeds) - len(todo),
                num_new=len(todo),
                seconds=sum(todo),
                start=first.start.task.name if first.start else "",
            )
        )
    unsupported = [
        Pair(task=task, model=model, num_cached=0, num_new=0, seconds=0.0, supported=False)
        for task, model in plan.unsupported
    ]
    return Forecast(
        pairs=pairs + unsupported,
        num_workers=num_workers,
        seconds=makespan(
            seconds.values(),
            num_workers,
            starts=(seconds[trial.key] for trial in new if trial.is_start),
            followers=(seconds[trial.key] for trial in new if trial.start and trial.start.key in seconds),
        )
        + len(standing.unmeasured) * SECONDS_A_MEASUREMENT,
        num_examples={trial.task.name: result.data.num_examples for trial, result in done} | estimator.num_examples,
        num_held=estimator.num_held,
    )
