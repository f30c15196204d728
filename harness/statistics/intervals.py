"""Intervals of a score, over seeds and examples."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.api.metric import Floats
from harness.statistics.scores import ALPHA, BOUND, Scores


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A score in percent with its 95 % interval: the mean over seeds.

    The interval is over both sources of chance, the seeds of training and the examples of the test set; with one seed
    it holds the chance of the examples alone. ``low`` and ``high`` are NaN where no interval is known.
    """

    value: float
    low: float
    high: float
    num_seeds: int


def estimate(tasks: Sequence[Scores]) -> Estimate:
    """Return a model's mean score over some tasks, or over one, with its interval.

    The interval is computed on the scale log((x - least) / (largest - x)), which is the logit of an accuracy and twice
    Fisher's z of a correlation, so it never leaves the bounds.
    """
    from scipy import special, stats

    value = math.fsum(task.value for task in tasks) / len(tasks)
    low, high = (math.fsum(task.bounds[side] for task in tasks) / len(tasks) for side in (0, 1))
    num_seeds = min(len(task.seeds) for task in tasks)
    seeds = np.array([[task.seed_variance for task in tasks]]) / len(tasks) ** 2
    examples = [max(task.mean_resampled.var(ddof=1) - task.own_variance, 0.0) / len(tasks) ** 2 for task in tasks]
    variance = float(seeds.sum()) + math.fsum(examples)
    if variance == 0.0:
        return _without_variance(value, (low, high), num_seeds, sum(task.num_examples for task in tasks))
    spreads = np.array([[task.spread for task in tasks]])
    freedom = degrees_of_freedom(seeds, spreads, np.array([examples]), [task.num_examples for task in tasks])[0]
    error = float(stats.t.ppf(1 - ALPHA / 2, freedom)) * math.sqrt(variance)
    if math.isinf(low) or math.isinf(high) or not low < value < high:
        return Estimate(value=value, low=value - error, high=value + error, num_seeds=num_seeds)
    centre, slope = math.log((value - low) / (high - value)), 1 / (value - low) + 1 / (high - value)
    ends = low + (high - low) * special.expit(np.array([centre - error * slope, centre + error * slope]))
    return Estimate(value=value, low=float(ends[0]), high=float(ends[1]), num_seeds=num_seeds)


def _without_variance(value: float, bounds: tuple[float, float], num_seeds: int, num_examples: int) -> Estimate:
    """Return the interval of a score that no resample changes; at a bound, Clopper and Pearson's of no miss at all."""
    low, high = bounds
    reach = (high - low) * (1 - (ALPHA / 2) ** (1 / num_examples)) if value in bounds else 0.0
    return Estimate(value=value, low=max(low, value - reach), high=min(high, value + reach), num_seeds=num_seeds)


def degrees_of_freedom(seeds: Floats, spreads: Floats, examples: Floats, counts: Sequence[int]) -> Floats:
    """Return Satterthwaite's degrees of freedom of sums of variances, (sums,), the seeds' at their upper bound.

    ``seeds`` and their own degrees of freedom ``spreads`` have the shape (sums, parts), ``examples`` (sums, tasks).
    """
    from scipy import stats

    spreads = np.maximum(spreads, 1)  # a single seed has no variance here
    bound = seeds * spreads / stats.chi2.ppf(1 - BOUND, spreads)
    total = bound.sum(axis=1) + examples.sum(axis=1)
    squares = (bound**2 / spreads).sum(axis=1) + (examples**2 / np.maximum(np.array(counts) - 1, 1)).sum(axis=1)
    freedom: Floats = np.divide(total**2, squares, out=np.ones_like(total), where=squares > 0)
    return freedom
