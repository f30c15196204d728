"""What a dry run shows: each pair, what of it is done, and roughly how long the rest takes."""

from dataclasses import dataclass

from harness.plan.estimate import Estimator
from harness.plan.request import Prepared


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One line of a dry run: the seeds of a pair that are done, those to do, and roughly how long they take."""

    task: str
    model: str
    num_cached: int
    num_new: int
    seconds: float
    supported: bool = True


def forecast(prepared: Prepared) -> list[Pair]:
    """Return each pair of the plan, as a dry run shows it."""
    plan, run = prepared.plan, prepared.run
    new = [trial for trial in plan.trials if not run.is_done(trial.key)]
    estimator = Estimator(run, plan.trials) if new else None
    pairs = []
    for first in plan.pairs:
        seeds = [t for t in plan.trials if (t.task.name, t.model.name) == (first.task.name, first.model.name)]
        todo = [trial for trial in seeds if not run.is_done(trial.key)]
        pairs.append(
            Pair(
                task=first.task.name,
                model=first.model.name,
                num_cached=len(seeds) - len(todo),
                num_new=len(todo),
                seconds=sum(estimator.seconds(trial) for trial in todo) if estimator else 0.0,
            )
        )
    unsupported = [
        Pair(task=task, model=model, num_cached=0, num_new=0, seconds=0.0, supported=False)
        for task, model in plan.unsupported
    ]
    return pairs + unsupported
