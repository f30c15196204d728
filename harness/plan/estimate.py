"""Roughly how long a trial takes."""

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.data.loading import ParseSplit, load, parse_split
from harness.plan.asking import operations_per_word
from harness.plan.trial import Trial
from harness.store.run import Run

FLOOR_OPERATIONS = 2e7
"""Operations an example that even a model without any costs: reading, writing, scoring."""


ROUGH_RATE = 4e10
"""Operations a second of one core, before anything was measured: what small networks reach beside other trials."""


SECONDS_A_MEASUREMENT = 1.5
"""Of a pair's speed: its samples, which have a fixed budget of time, and a process that loads the model."""


NUM_PROBED = 200
"""Training examples, from all over the set, whose words are counted for an estimate."""


class Estimator:
    """Estimates a trial's seconds: counted operations over the rate that its model has reached in this run.

    Operations compare within a model only, so each has a rate of its own; one that has done nothing yet has that of all
    together, which is a rough one before anything was done. It reads the data of each task once, by ``parse``.
    """

    def __init__(self, run: Run, trials: Sequence[Trial], parse: ParseSplit = parse_split) -> None:
        self._parse = parse
        self._extents: dict[str, _Extent] = {}
        totals: dict[str, tuple[float, float]] = {}
        for trial in trials:
            if run.is_done(trial.key) and (timings := run.result(trial.key).timings):
                work, seconds = totals.get(trial.model.name, (0.0, 0.0))
                totals[trial.model.name] = work + self.work(trial), seconds + timings.total_seconds
        self._rates = {model: work / seconds for model, (work, seconds) in totals.items() if seconds}
        seconds = sum(seconds for _, seconds in totals.values())
        self.rate = sum(work for work, _ in totals.values()) / seconds if seconds else ROUGH_RATE

    def work(self, trial: Trial) -> float:
        """Return roughly how many operations a trial takes."""
        extent = self._extents.get(trial.task.name) or self._extents.setdefault(
            trial.task.name, _extent(trial, self._parse)
        )
        optimisation = trial.model.recipe_for(trial.task).optimisation
        seen = optimisation.num_seen(extent.num_train) if trial.is_trained else 0
        # A backward pass costs twice a forward one, so answering an example costs a third of learning from it.
        passes = seen + extent.num_others / 3
        floor = FLOOR_OPERATIONS * (extent.num_train + extent.num_others)
        return operations_per_word(trial.model) * extent.num_words * passes + floor

    @property
    def num_examples(self) -> dict[str, dict[str, int]]:
        """How many examples each split has, by task, of the tasks whose work was asked for."""
        return {task: extent.num_examples for task, extent in self._extents.items()}

    @property
    def num_held(self) -> dict[str, dict[str, int]]:
        """The same without limits, where it is known."""
        return {task: extent.num_held for task, extent in self._extents.items()}

    def seconds(self, trial: Trial) -> float:
        """Return roughly how long a trial takes on one core."""
        return self.work(trial) / self._rates.get(trial.model.name, self.rate)


def makespan(
    waiting: Iterable[float],
    num_workers: int,
    *,
    running: Iterable[float] = (),
    starts: Iterable[float] = (),
    followers: Iterable[float] = (),
) -> float:
    """Return when the last of some jobs ends, all in seconds: running ones go on, and a free worker takes the longest.

    ``followers`` are those of the waiting ones that begin no earlier than the longest of ``starts`` has ended.

    >>> makespan([3.0, 2.0, 2.0], 2)
    4.0
    >>> makespan([3.0, 2.0, 2.0], 2, starts=[3.0], followers=[2.0, 2.0])
    5.0
    """
    free = sorted(running, reverse=True)[:num_workers]
    free += [0.0] * (num_workers - len(free))
    heapq.heapify(free)
    for seconds in sorted(waiting, reverse=True):
        heapq.heapreplace(free, free[0] + seconds)
    after = list(followers)
    return max(*free, max(starts, default=0.0) + makespan(after, num_workers) if after else 0.0)


@dataclass(frozen=True, kw_only=True)
class _Extent:
    """The numbers of training and of other examples, and the mean number of words in one.

    ``num_examples`` is by split, as is ``num_held``, how many there are without limits.
    """

    num_train: int
    num_others: int
    num_words: float
    num_examples: dict[str, int]
    num_held: dict[str, int]


def _extent(trial: Trial, parse: ParseSplit) -> _Extent:
    data = load(trial.task, trial.source, trial.limits, parse, needs_training=trial.needs_training_split)
    others = sum(len(examples) for examples in [*data.scored.values(), *data.predicted.values()])
    known = data.train or [example for examples in data.scored.values() for example in examples]
    probe = known[:: math.ceil(len(known) / NUM_PROBED)]  # STS-B begins with its shortest
    words = sum(len(f"{example.text} {example.pair or ''}".split()) for example in probe) / len(probe)
    return _Extent(
        num_train=len(data.train),
        num_others=others,
        num_words=words,
        num_examples=data.num_examples,
        num_held=data.num_held,
    )
