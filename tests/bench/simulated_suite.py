"""Answers of a reference and of a run to a suite, made up, where the true loss of every task is known.

Each seed's answers depend on how hard an example is, the same for all seeds of both sides, on the seed's luck, and on
what neither explains: as in ``tests.bench.coverage``, from which the closed formulas are. Losses and the spread of the
seeds' luck are given in points of each task's own figure, and the levels that give them are solved for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize

from harness.api.metric import Floats
from harness.gate.quality import PairScores
from harness.metrics import resampled
from harness.statistics.scores import Scores
from tests.bench.coverage import BOUNDS, FIGURES, HARDNESS, LEVEL, NOISE, PREVALENCE, moments

FUNCTIONS = {**FIGURES, "pearson": resampled.pearson}
LEVELS = {**LEVEL, "pearson": LEVEL["spearman"]}
GLUE = ("matthews", "accuracy", "f1", "pearson", "f1", "accuracy", "accuracy", "accuracy", "accuracy")
"""The figures of its nine tasks."""
MODEL = "model"
NUM_RESAMPLES = 200
"""A fifth of what the gate draws, for time."""


@dataclass(frozen=True, kw_only=True)
class SimulatedTask:
    """A task before it is simulated. ``spread`` is that of the seeds' luck, ``loss`` the run's, both in points."""

    name: str
    figure: str
    num_examples: int
    spread: float
    loss: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Levels:
    """What gives a task its spread and its loss."""

    luck: tuple[float, float]
    """Of the reference and of the run: alike in points."""
    level: tuple[float, float]
    weights: Floats
    """How often each example is in each resample, (1 + R, N); first once each."""


@lru_cache(maxsize=64)
def levels_of(task: SimulatedTask) -> Levels:
    """Solve for the levels of both sides."""
    start = LEVELS[task.figure]
    luck = _luck(task.figure, start, task.spread)
    wanted = moments(task.figure, start, luck)[0] - task.loss
    sign = 1.0 if task.figure == "pearson" else -1.0  # where more noise is a lower figure

    def error(step: float) -> float:
        level = start + sign * step
        return moments(task.figure, level, _luck(task.figure, level, task.spread))[0] - wanted

    level = start + sign * float(optimize.brentq(error, 0.0, 0.6)) if task.loss else start
    return Levels(
        luck=(luck, _luck(task.figure, level, task.spread)), level=(start, level), weights=_weights(task.num_examples)
    )


def _luck(figure: str, level: float, spread: float) -> float:
    """Return the luck whose spread is so many points."""
    if spread == 0.0:
        return 0.0
    return float(optimize.brentq(lambda luck: moments(figure, level, luck)[1] - spread, 0.0, 0.5))


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
    true, predicted = _answers(task, levels, num_seeds, generator)
    values = FUNCTIONS[task.figure](predicted, true, levels.weights)  # (seeds of both sides, 1 + R)
    reference, run = (
        Scores(
            seeds=part[:, 0],
            resampled=part[:, 1:],
            num_examples=task.num_examples,
            bounds=BOUNDS.get(task.figure, (-100.0, 100.0)),
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


def _answers(
    task: SimulatedTask, levels: Levels, num_seeds: tuple[int, int], generator: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return true values, (N,), and the predicted ones of the reference's seeds, then the run's, (seeds, N)."""
    size, rows = task.num_examples, sum(num_seeds)
    level = np.repeat(levels.level, num_seeds)[:, None]
    luck = np.repeat(levels.luck, num_seeds)[:, None] * generator.normal(size=(rows, 1))
    hardness = HARDNESS * generator.standard_normal(size, dtype=np.float32)
    shared = hardness + NOISE * generator.standard_normal((rows, size), dtype=np.float32)
    if task.figure == "pearson":
        true = generator.normal(size=size)
        return true, true + level * np.exp(luck) * shared
    if task.figure == "accuracy":
        return np.ones(size), (level + luck + shared > 0).astype(float)
    true = (generator.random(size) < PREVALENCE).astype(float)
    return true, (level * (2 * true - 1) + luck + shared > 0).astype(float)
