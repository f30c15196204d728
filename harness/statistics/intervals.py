"""Intervals of a score, over seeds and examples."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.api.metric import Floats
from harness.statistics.few import example_variance, is_degenerate
from harness.statistics.scores import ALPHA, SEED_VARIANCE_CONFIDENCE, Scores, unit_of


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A score with its 95 % interval: the mean over seeds.

    The interval reflects both sources of variance, the seeds of training and the sampling of the test set; with one
    seed it reflects the sampling alone. ``low`` and ``high`` are NaN where no interval is known.
    """

    value: float
    low: float
    high: float
    num_seeds: int
    unit: str = "%"


def estimate(tasks: Sequence[Scores]) -> Estimate:
    """Return a model's mean score over some tasks, at least one, with its interval.

    The interval is computed on the scale log((x - least) / (largest - x)), which is the logit of an accuracy and twice
    Fisher's z of a correlation, so it never leaves the bounds; at one, or where they are infinite, on the score itself.

    >>> seeds = np.array([60.0, 62.0, 67.0])
    >>> found = estimate([Scores(seeds=seeds, resampled=np.zeros((3, 9)), num_examples=9, bounds=(-np.inf, np.inf))])
    >>> found.value, round(found.low, 2), round(found.high, 2)  # 63 and 4.30 standard errors, as nothing else varies
    (63.0, 54.04, 71.96)
    """
    from scipy import special, stats

    value = math.fsum(task.value for task in tasks) / len(tasks)
    low, high = (math.fsum(task.bounds[side] for task in tasks) / len(tasks) for side in (0, 1))
    num_seeds = min(len(task.seeds) for task in tasks)
    of_seeds = np.array([[task.seed_variance for task in tasks]]) / len(tasks) ** 2
    of_examples = [example_variance(task) / len(tasks) ** 2 for task in tasks]
    variance = float(of_seeds.sum()) + math.fsum(of_examples)
    num_examples = [task.num_examples for task in tasks]
    if all(map(is_degenerate, tasks)) or variance == 0.0:
        return _without_variance(tasks, value, (low, high), num_seeds)
    seed_freedoms = np.array([[task.seed_degrees_of_freedom for task in tasks]])
    degrees_of_freedom = satterthwaite(of_seeds, seed_freedoms, np.array([of_examples]), num_examples)[0]
    half_width = float(stats.t.ppf(1 - ALPHA / 2, degrees_of_freedom)) * math.sqrt(variance)
    if math.isinf(low) or math.isinf(high) or not low < value < high:
        within = (max(low, value - half_width), min(high, value + half_width))
        return Estimate(value=value, low=within[0], high=within[1], num_seeds=num_seeds, unit=unit_of(tasks))
    centre, slope = math.log((value - low) / (high - value)), 1 / (value - low) + 1 / (high - value)
    ends = low + (high - low) * special.expit(np.array([centre - half_width * slope, centre + half_width * slope]))
    return Estimate(value=value, low=float(ends[0]), high=float(ends[1]), num_seeds=num_seeds, unit=unit_of(tasks))


def _without_variance(tasks: Sequence[Scores], value: float, bounds: tuple[float, float], num_seeds: int) -> Estimate:
    """Return the interval of a score that no resample and no seed changes: of none or all right, Clopper and Pearson's.

    Of any other it is not known: that resamples are all alike says nothing of other examples.
    """
    low, high = bounds
    if value not in bounds or not all(task.is_mean for task in tasks):
        return Estimate(value=value, low=math.nan, high=math.nan, num_seeds=num_seeds, unit=unit_of(tasks))
    half_width = (high - low) * (1 - (ALPHA / 2) ** (1 / sum(task.num_examples for task in tasks)))
    return Estimate(
        value=value, low=max(low, value - half_width), high=min(high, value + half_width), num_seeds=num_seeds
    )


def satterthwaite(of_seeds: Floats, seed_freedoms: Floats, of_examples: Floats, num_examples: Sequence[int]) -> Floats:
    """Return the degrees of freedom of K sums of variances, (K,), the seeds' at their upper bound (Satterthwaite 1946).

    Args:
        of_seeds: variances due to seeds, P in each sum, (K, P).
        seed_freedoms: their own degrees of freedom, (K, P); 0 where there is one seed, whose variance is 0.
        of_examples: variances due to examples, one a task, (K, T).
        num_examples: of each of the T tasks.

    >>> none = np.array([[0.0]])
    >>> satterthwaite(none, none, np.array([[4.0, 4.0]]), [101, 101]).tolist()  # two equal variances: their sum
    [200.0]
    """
    from scipy import stats

    freedoms = np.maximum(seed_freedoms, 1)  # a single seed has no variance here
    bound = of_seeds * freedoms / stats.chi2.ppf(1 - SEED_VARIANCE_CONFIDENCE, freedoms)
    total = bound.sum(axis=1) + of_examples.sum(axis=1)
    counts = np.maximum(np.array(num_examples) - 1, 1)
    squares = (bound**2 / freedoms).sum(axis=1) + (of_examples**2 / counts).sum(axis=1)
    found: Floats = np.divide(total**2, squares, out=np.ones_like(total), where=squares > 0)
    return found
