"""Predictions of a reference and of a run to a suite, made up, where the true loss of every task is known.

Each seed's predictions depend on how hard an example is, the same for all seeds of both sides, on the seed's effect,
and on what neither explains: as in ``tests.bench.coverage``, from which the closed formulas are. Losses and the
standard deviation of the seeds' effects are given in points of each task's own metric, and the levels that give them
are solved for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize

from harness.api.metric import Floats
from harness.gate.quality import PairScores
from harness.statistics.scores import Scores
from tests.bench.coverage import BOUNDS, HARDNESS, LEVEL, METRICS, NOISE, PREVALENCE, moments

GLUE = ("matthews", "accuracy", "f1", "pearson", "f1", "accuracy", "accuracy", "accuracy", "accuracy")
"""The metrics of its nine tasks."""
MODEL = "model"
NUM_RESAMPLES = 200
"""A fifth of what the gate draws, for time."""


@dataclass(frozen=True, kw_only=True)
class SimulatedTask:
    """A task before it is simulated. ``deviation`` is that of the seeds' effects, ``loss`` the run's, in points."""

    name: str
    metric: str
    num_examples: int
    deviation: float
    loss: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Levels:
    """What gives a task its deviation and its loss."""

    seed_effect: tuple[float, float]
    """The standard deviation of the reference's and the run's seeds: in points the same."""
    level: tuple[float, float]
    weights: Floats
    """How often each example is in each resample, (1 + R, N); first once each."""


@lru_cache(maxsize=64)
def levels_of(task: SimulatedTask) -> Levels:
    """Solve for the levels of both sides."""
    start = LEVEL[task.metric]
    seed_effect = _seed_effect(task.metric, start, task.deviation)
    wanted = moments(task.metric, start, seed_effect)[0] - task.loss
    sign = 1.0 if task.metric == "pearson" else -1.0  # where more noise is a lower value

    def error(step: float) -> float:
        level = start + sign * step
        return moments(task.metric, level, _seed_effect(task.metric, level, task.deviation))[0] - wanted

    level = start + sign * float(optimize.brentq(error, 0.0, 0.6)) if task.loss else start
    return Levels(
        seed_effect=(seed_effect, _seed_effect(task.metric, level, task.deviation)),
        level=(start, level),
        weights=_weights(task.num_examples),
    )


def _seed_effect(metric: str, level: float, deviation: float) -> float:
    """Return the standard deviation of effects that is so many points."""
    if deviation == 0.0:
        return 0.0
    return float(optimize.brentq(lambda seed_effect: moments(metric, level, seed_effect)[1] - deviation, 0.0, 0.5))


@lru_cache
def _weights(num_examples: int) -> Floats:
    drawn = np.random.default_rng(num_examples).integers(0, num_examples, (NUM_RESAMPLES, num_examples))
    counts = [np.bincount(row, minlength=num_examples) for row in drawn]
    return np.vstack([np.ones(num_examples), *counts])


def simulate(
    tasks: Sequence[SimulatedTask], num_seeds: tuple[int, int], generator: np.random.Generator
) -> dict[tuple[str, str], PairScores]:
    """Return both sides' scores of each pair; ``num_seeds`` are the reference's and the run's."""
    return {(task.name, MODEL): _simulate_pair(task, num_seeds, generator) for task in tasks}


def _simulate_pair(task: SimulatedTask, num_seeds: tuple[int, int], generator: np.random.Generator) -> PairScores:
    levels = levels_of(task)
    true, predicted = _predictions(task, levels, num_seeds, generator)
    values = METRICS[task.metric](predicted, true, levels.weights)  # (seeds of both sides, 1 + R)
    reference, run = (
        Scores(
            seeds=part[:, 0],
            resampled=part[:, 1:],
            num_examples=task.num_examples,
            bounds=BOUNDS[task.metric],
        )
        for part in np.split(values, [num_seeds[0]])
    )
    return PairScores(
        reference=reference,
        run=run,
        reference_seeds=tuple(range(num_seeds[0])),
        run_seeds=tuple(range(num_seeds[1])),
        is_trained=True,
    )


def _predictions(
    task: SimulatedTask, levels: Levels, num_seeds: tuple[int, int], generator: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return true values, (N,), and the predicted ones of the reference's seeds, then the run's, (seeds, N)."""
    size, rows = task.num_examples, sum(num_seeds)
    level = np.repeat(levels.level, num_seeds)[:, None]
    seed_effect = np.repeat(levels.seed_effect, num_seeds)[:, None] * generator.normal(size=(rows, 1))
    hardness = HARDNESS * generator.standard_normal(size, dtype=np.float32)
    shared = hardness + NOISE * generator.standard_normal((rows, size), dtype=np.float32)
    if task.metric == "pearson":
        true = generator.normal(size=size)
        return true, true + level * np.exp(seed_effect) * shared
    if task.metric == "accuracy":
        return np.ones(size), (level + seed_effect + shared > 0).astype(float)
    true = (generator.random(size) < PREVALENCE).astype(float)
    return true, (level * (2 * true - 1) + seed_effect + shared > 0).astype(float)
