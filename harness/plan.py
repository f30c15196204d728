"""From names to the grid: :class:`Plan` holds a run's trials, and what of them cannot be and why."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.devices import resolve_precision
from harness.errors import DataError
from harness.loading import Limits, load
from harness.model import ModelSpec
from harness.sources import Source
from harness.store import Run
from harness.task import Task
from harness.trial import Trial

FLOOR_OPERATIONS = 2e7
"""Operations an example that even a model without any costs: reading, writing, scoring."""
ROUGH_RATE = 1e11
"""Operations a second of one core, before anything was measured."""
NUM_PROBED = 200
"""Training examples, from all over the set, whose words are counted for an estimate."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The grid. ``unsupported`` are pairs (task, model) without such a kind of answer; ``absent`` are tasks whose data
    the source does not hold, with what is missing."""

    trials: tuple[Trial, ...]
    unsupported: tuple[tuple[str, str], ...]
    absent: dict[str, str]

    @property
    def pairs(self) -> tuple[Trial, ...]:
        """The first seed's trial of each pair: the one whose speed is measured."""
        first: dict[tuple[str, str], Trial] = {}
        for trial in self.trials:
            first.setdefault((trial.task.name, trial.model.name), trial)
        return tuple(first.values())

    def with_seeds(self, seeds: Mapping[tuple[str, str], Sequence[int]]) -> "Plan":
        """Return the plan with these seeds of these pairs (task, model), and nothing else of it."""
        firsts = {(trial.task.name, trial.model.name): trial for trial in self.pairs}
        trials = [replace(firsts[pair], seed=seed) for pair in seeds for seed in seeds[pair]]
        return replace(self, trials=tuple(trials))


def make_plan(
    tasks: Sequence[Task], models: Sequence[ModelSpec], *, num_seeds: int, limits: Limits, source: Source, device: str
) -> Plan:
    """Return tasks x models x seeds.

    Raises:
        DataError: the source holds none of the tasks.
    """
    absent = {task.name: lack for task in tasks if (lack := _lack(task, source))}
    present = [task for task in tasks if task.name not in absent]
    if not present:
        lacks = "; ".join(f"{name}: {lack}" for name, lack in absent.items())
        raise DataError(f"--data {source}: holds none of the tasks asked for ({lacks}).")
    unsupported = tuple(
        (task.name, model.name) for task in present for model in models if not model.supports(task.output)
    )
    trials = tuple(
        Trial(
            task=task,
            model=model,
            seed=seed,
            limits=limits,
            source=source,
            precision=resolve_precision(model.recipe_for(task).precision, device),
        )
        for seed in range(num_seeds)
        for task in present
        for model in models
        if (task.name, model.name) not in unsupported
    )
    return Plan(trials=trials, unsupported=unsupported, absent=absent)


def _lack(task: Task, source: Source) -> str:
    """Return what the source lacks of a task, or an empty string if it can be trained and scored."""
    held = source.splits(task)
    if "train" not in held:
        return "no training split"
    return "" if set(task.scored) & set(held) else f"no {' or '.join(task.scored)} split"


class Estimator:
    """Estimates a trial's seconds: counted operations over the rate seen in this run, or a rough one before that."""

    def __init__(self, run: Run, trials: Sequence[Trial]) -> None:
        self._extents: dict[str, _Extent] = {}
        done = [trial for trial in trials if run.is_done(trial.key)]
        timings = (run.result(trial.key).timings for trial in done)
        seconds = sum(found.total_seconds for found in timings if found)
        self.rate = sum(self.work(trial) for trial in done) / seconds if seconds else ROUGH_RATE

    def work(self, trial: Trial) -> float:
        """Return roughly how many operations a trial takes."""
        extent = self._extents.get(trial.task.name) or self._extents.setdefault(trial.task.name, _extent(trial))
        seen = trial.model.recipe_for(trial.task).num_seen(extent.num_train)
        # A backward pass costs twice a forward one, so answering an example costs a third of learning from it.
        passes = seen + extent.num_others / 3
        floor = FLOOR_OPERATIONS * (extent.num_train + extent.num_others)
        return trial.model.operations_per_word() * extent.num_words * passes + floor

    def seconds(self, trial: Trial) -> float:
        """Return roughly how long a trial takes on one core."""
        return self.work(trial) / self.rate


@dataclass(frozen=True, kw_only=True)
class _Extent:
    """The numbers of training and of other examples, and the mean number of words in one."""

    num_train: int
    num_others: int
    num_words: float


def _extent(trial: Trial) -> _Extent:
    data = load(trial.task, trial.source, trial.limits)
    others = sum(len(examples) for examples in [*data.scored.values(), *data.answered.values()])
    probe = data.train[:: math.ceil(len(data.train) / NUM_PROBED)]  # STS-B begins with its shortest
    words = sum(len(f"{example.text} {example.pair or ''}".split()) for example in probe) / len(probe)
    return _Extent(num_train=len(data.train), num_others=others, num_words=words)
