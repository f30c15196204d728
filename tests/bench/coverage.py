"""Do intervals cover the truth, and are equal models called different no oftener than promised? Simulated: it is known.

    python -m tests.bench.coverage                       # what docs/statistics.md tells: half an hour on two cores
    python -m tests.bench.coverage --cases 200 --metric accuracy --examples 250 --seeds 3
    python -m tests.bench.coverage --few                 # test sets of 1 to 277 examples: some ten minutes

A model is a recipe: each seed's predictions depend on how hard an example is (the same for all seeds and models), on
the effect of the seed, and on what neither explains. The seeds' noise is in units of about the examples' own part of
the variance, so at 1 both matter as much, whatever the number of examples.
"""

import argparse
import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import threadpoolctl
from scipy import stats

from harness.api.metric import Floats
from harness.metrics import resampled
from harness.statistics.comparison import PairedTest, compare
from harness.statistics.intervals import Estimate, estimate
from harness.statistics.scores import ALPHA, Scores

METRICS: dict[str, Callable[[Floats, Floats, Floats], Floats]] = {
    "accuracy": resampled.accuracy, "f1": resampled.f1, "matthews": resampled.matthews, "spearman": resampled.spearman,
    "pearson": resampled.pearson,
}  # fmt: skip
BOUNDS = {name: (0.0 if name in {"accuracy", "f1"} else -100.0, 100.0) for name in METRICS}
LARGE = ("accuracy", "f1", "matthews", "spearman")
PREVALENCE = 0.3
HARDNESS, NOISE = 1.0, 0.5
"""The standard deviation of what is common to all seeds about an example, and of what is not."""
LEVEL = {"accuracy": 1.2, "f1": 0.9, "matthews": 0.9, "spearman": 0.7, "pearson": 0.7}
NUM_MODELS = 3
NUM_RESAMPLES = {"accuracy": 500, "f1": 500, "matthews": 500, "spearman": 100, "pearson": 500}
"""Fewer than the 1,000 that reports draw, for time: R of them show a variance to some sqrt(2 / R) of itself."""
FEW_EXAMPLES = 30
"""Of fewer, seeds are no more different than of so many."""
FEW_SIZES, FEW_SEEDS = (1, 3, 10, 30, 71, 277), (1, 3, 5)
FEW_LEVELS = {"accuracy": (0.0, 0.94, 1.84), "f1": (0.9, 2.0), "matthews": (0.9, 2.0), "pearson": (0.7,)}
"""Accuracies of 50, 80 and 95 %, for one."""
FEWEST = {"pearson": 10}
CASES_A_DRAW = 10
"""Resamples are drawn anew after so many cases, so that a cell's rates rest on many draws."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One line of the table, before it is computed."""

    metric: str
    num_examples: int
    num_seeds: int
    seed_noise: float
    cases: int
    level: float | None = None
    """How far above chance; by default as ``LEVEL`` has it."""

    @property
    def seed_effect(self) -> float:
        """The standard deviation of the seeds' effects."""
        return 3.0 * self.seed_noise / max(self.num_examples, FEW_EXAMPLES) ** 0.5


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Percentages of the cases: intervals with the truth in them, equal pairs called different, tables with any.

    No interval excludes nothing; ``width`` is that of the others.
    """

    cell: Cell
    truth: float
    width: float
    covered: float
    without: float
    pair: float
    any_of_three: float


def simulate(cell: Cell) -> Rates:
    """Return what comes of ``cell.cases`` comparisons of three equal models."""
    identity = [cell.num_examples, cell.num_seeds, int(10 * cell.seed_noise), len(cell.metric)]
    generator = np.random.default_rng(identity if cell.level is None else [*identity, int(100 * cell.level)])
    truth = true_value(cell)
    found = []
    for case in range(cell.cases):
        if case % CASES_A_DRAW == 0:
            weights = _weights(cell, generator)
        found.append(_one_case(cell, generator, weights))
    width = np.array([interval.high - interval.low for interval, _ in found])
    has = ~np.isnan(width)
    covered = [not has[k] or interval.low <= truth <= interval.high for k, (interval, _) in enumerate(found)]
    return Rates(
        cell=cell,
        truth=truth,
        width=float(width[has].mean()) if has.any() else np.nan,
        covered=100 * float(np.mean(covered)),
        without=100 * float((~has).mean()),
        pair=100 * float(np.mean([tests[0].p_value < ALPHA for _, tests in found])),
        any_of_three=100 * float(np.mean([any(test.differs for test in tests) for _, tests in found])),
    )


def _weights(cell: Cell, generator: np.random.Generator) -> Floats:
    """Return how often each example is in the set itself and in each resample, (1 + R, N)."""
    drawn = generator.integers(0, cell.num_examples, (NUM_RESAMPLES[cell.metric], cell.num_examples))
    counts = [np.bincount(row, minlength=cell.num_examples) for row in drawn]
    return np.vstack([np.ones(cell.num_examples), *counts])


def _one_case(cell: Cell, generator: np.random.Generator, weights: Floats) -> tuple[Estimate, tuple[PairedTest, ...]]:
    """Return the interval of the first model, and the tests of all."""
    true, predicted = predictions(cell, generator)
    function, bounds = METRICS[cell.metric], BOUNDS[cell.metric]
    values = function(predicted, true, weights)  # (models x seeds, 1 + R)
    models = {
        str(index): [
            Scores(
                seeds=part[:, 0],
                resampled=part[:, 1:],
                num_examples=cell.num_examples,
                bounds=bounds,
                is_mean=cell.metric == "accuracy",
            )
        ]
        for index, part in enumerate(np.split(values, NUM_MODELS))
    }
    return estimate(models["0"]), compare(models)


def predictions(cell: Cell, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Return true values, (N,), and the predicted ones of each model and seed, (models x seeds, N)."""
    size, rows = cell.num_examples, NUM_MODELS * cell.num_seeds
    level, hardness = _level(cell), HARDNESS * generator.normal(size=size)
    seed_effect, noise = (
        cell.seed_effect * generator.normal(size=(rows, 1)),
        NOISE * generator.normal(size=(rows, size)),
    )
    if cell.metric in {"pearson", "spearman"}:
        true = generator.normal(size=size)
        return true, true + level * np.exp(seed_effect) * (hardness + noise)
    if cell.metric == "accuracy":
        return np.ones(size), (level + hardness + seed_effect + noise > 0).astype(float)
    true = (generator.random(size) < PREVALENCE).astype(float)
    return true, (level * (2 * true - 1) + hardness + seed_effect + noise > 0).astype(float)


def true_value(cell: Cell) -> float:
    """Return the expected value over endlessly many seeds and examples."""
    return moments(cell.metric, _level(cell), cell.seed_effect)[0]


def _level(cell: Cell) -> float:
    return LEVEL[cell.metric] if cell.level is None else cell.level


def moments(metric: str, level: float, seed_effect: float) -> tuple[float, float]:
    """Return the mean of a metric on endlessly many examples, and its standard deviation over seeds.

    Of each seed it is known in a closed formula; over seeds it is Gauss and Hermite's sum.
    """
    points, probabilities = np.polynomial.hermite_e.hermegauss(61)
    values = 100 * _metric(metric, level, seed_effect * points)
    fractions = probabilities / probabilities.sum()
    mean = float(values @ fractions)
    return mean, float(np.sqrt((values - mean) ** 2 @ fractions))


def _metric(metric: str, level: float, seed_effect: Floats) -> Floats:
    deviation = float(np.hypot(HARDNESS, NOISE))
    if metric in {"pearson", "spearman"}:
        pearson: Floats = 1 / np.sqrt(1 + (deviation * level * np.exp(seed_effect)) ** 2)
        # Of two normal variables that correlate by r, the ranks correlate by 6/pi arcsin(r/2) (Pearson 1907).
        return pearson if metric == "pearson" else 6 / np.pi * np.arcsin(pearson / 2)
    hit, alarm = stats.norm.cdf((level + seed_effect) / deviation), stats.norm.cdf((seed_effect - level) / deviation)
    true = PREVALENCE * hit
    positive = true + (1 - PREVALENCE) * alarm
    variance = positive * (1 - positive) * PREVALENCE * (1 - PREVALENCE)
    values: dict[str, Floats] = {
        "accuracy": hit,
        "f1": 2 * true / (positive + PREVALENCE),
        "matthews": (true - positive * PREVALENCE) / np.sqrt(variance),
    }
    return values[metric]


def _quietly(cell: Cell) -> Rates:
    with threadpoolctl.threadpool_limits(1):
        return simulate(cell)


def lines(cells: Iterator[Rates]) -> Iterator[str]:
    """Yield a Markdown table, a line a cell."""
    yield (
        "| metric | examples | seeds | seed noise | truth | width | covered, % | no interval, % | pair differs, % "
        "| any of three, % |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for rates in cells:
        cell = rates.cell
        yield (
            f"| {cell.metric} | {cell.num_examples:,} | {cell.num_seeds} | {cell.seed_noise:g} | {rates.truth:.1f} "
            f"| {rates.width:.1f} | {rates.covered:.1f} | {rates.without:.1f} | {rates.pair:.1f} "
            f"| {rates.any_of_three:.1f} |"
        )


def few_cells(metrics: Sequence[str], sizes: Sequence[int], cases: int) -> list[Cell]:
    """Return the cells of test sets of few examples: of one seed the truth is what that seed is worth."""
    return [
        Cell(metric=metric, num_examples=n, num_seeds=s, seed_noise=float(s > 1), cases=cases, level=level)
        for metric in metrics
        for n in sizes
        if n >= FEWEST.get(metric, 1)
        for s in FEW_SEEDS
        for level in FEW_LEVELS[metric]
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--metric", action="append", choices=list(METRICS))
    parser.add_argument("--examples", action="append", type=int)
    parser.add_argument("--seeds", action="append", type=int)
    parser.add_argument("--seed-noise", action="append", type=float)
    parser.add_argument("--few", action="store_true", help="test sets of few examples")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(arguments)
    if asked.few:
        cells = few_cells(asked.metric or list(FEW_LEVELS), asked.examples or FEW_SIZES, asked.cases)
    else:
        choices = itertools.product(
            asked.metric or LARGE,
            asked.examples or (250, 1000, 5000),
            asked.seeds or (3, 5, 10),
            asked.seed_noise or (0, 1),
        )
        make = partial(Cell, cases=asked.cases)
        cells = [make(metric=f, num_examples=n, num_seeds=s, seed_noise=float(u)) for f, n, s, u in choices]
    with ProcessPoolExecutor(asked.workers) as pool:
        for line in lines(pool.map(_quietly, cells)):
            print(line, flush=True)  # noqa: T201 (a script's output)


if __name__ == "__main__":
    main()
