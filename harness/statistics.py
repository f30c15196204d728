"""What differences between scores are worth: intervals, paired tests, and what a comparison could have found.

Two chances make a score what it is: the seed of training, and the examples that happen to be in the test set. So the
variance of a mean over S seeds has two parts. That of the examples is what a bootstrap over them shows, the same
resamples for all models (Efron 1979), less what is each seed's own share of it; that of the seeds is their sample
variance over S, which holds that share. The two add up as in an analysis of variance with crossed factors. An interval
takes as many standard errors as Student's t with Satterthwaite's (1946) degrees of freedom. Few seeds tell little of
their own variance, and then his degrees of freedom are too many; so they are computed with the seeds' variance at its
upper 60 % confidence bound. ``tests/bench/coverage.py`` holds this to what it promises.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from harness.weighted import Floats

Indices = NDArray[np.intp]

ALPHA = 0.05
POWER = 0.8
ROUNDING = 1e-9
"""In points: scores that differ by less are equal, as sums of the same numbers in another order are."""
BOUND = 0.6
"""The confidence of the upper bound of the seeds' variance that the degrees of freedom rest on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scores:
    """One model's score on one task: (S,), one a seed, and the same on R resamples of the examples, (S, R).

    All models' resamples are the same. ``bounds`` are the least and the largest score that there can be.
    """

    seeds: Floats
    resampled: Floats
    num_examples: int
    bounds: tuple[float, float]
    lender: "Scores | None" = None
    """Whose seeds' unrest stands for this one's where it is the larger; of the same recipe, and with more seeds."""

    @property
    def value(self) -> float:
        """The mean over seeds."""
        return float(self.seeds.mean())

    @cached_property
    def mean_resampled(self) -> Floats:
        """The mean over seeds on each resample, less its own mean, (R,)."""
        centred: Floats = self.resampled - self.resampled.mean(axis=1, keepdims=True)
        mean: Floats = centred.mean(axis=0)
        return mean

    @property
    def borrows(self) -> bool:
        """Whether its lender's unrest stands for its own."""
        return self._restless is not self

    @cached_property
    def _restless(self) -> "Scores":
        if self.lender is None or len(self.lender.seeds) == 1:
            return self
        return self if len(self.seeds) > 1 and self.seeds.var(ddof=1) > self.lender.seeds.var(ddof=1) else self.lender

    @property
    def spread(self) -> int:
        """How many degrees of freedom the seeds' variance has; 0 with one seed, which tells nothing of it."""
        return len(self._restless.seeds) - 1

    @cached_property
    def seed_variance(self) -> float:
        """Of the mean: the part of the seeds; 0 with one and no lender."""
        return float(self._restless.seeds.var(ddof=1)) / len(self.seeds) if self.spread else 0.0

    @cached_property
    def own_variance(self) -> float:
        """Of the mean over seeds: the part of the examples in which seeds differ, and not as they all do."""
        if not self.spread:
            return 0.0
        resampled = self._restless.resampled
        apart = resampled - resampled.mean(axis=0)
        return float(apart.var(axis=1, ddof=1).sum()) / self.spread / len(self.seeds)


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


@dataclass(frozen=True, kw_only=True)
class PairedTest:
    """One model against another on the same examples, in points."""

    first: str
    second: str
    difference: float
    """Of the first over the second."""
    low: float
    high: float
    """The difference's 95 % interval."""
    p_value: float
    p_holm: float
    """Corrected over all pairs of the table that it stands in (Holm 1979)."""
    detectable: float
    """The smallest true difference that is told apart with 80 % power, at the level that Holm first asks of a pair."""
    error: float = math.nan
    """The difference's standard error; 0 where no resample and no seed changes it."""
    freedom: float = math.nan
    """The error's degrees of freedom."""
    mcnemar_p: float | None = None
    """The exact McNemar test, for accuracy alone."""

    @property
    def differs(self) -> bool:
        """Whether the two can be told apart."""
        return self.p_holm < ALPHA


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A model's place: the ranks that it may have, all models' together with 95 % confidence (Mogstad et al. 2024).

    ``first`` is one more than the models that are surely better: its place, which others may share. ``last`` is that of
    the models that are not surely worse.
    """

    label: str
    first: int
    last: int


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


def compare(models: Mapping[str, Sequence[Scores]], mcnemar: Floats | None = None) -> tuple[PairedTest, ...]:
    """Return all pairs of models, each given by its scores on the same tasks, in the order of the models.

    The difference is that of the mean over the tasks. ``mcnemar`` holds the pairs' exact tests, (models, models).
    """
    from scipy import special, stats

    labels = list(models)
    if len(labels) < 2:
        return ()
    i, j = np.triu_indices(len(labels), k=1)
    values = np.array([math.fsum(task.value for task in models[label]) / len(models[label]) for label in labels])
    difference = values[i] - values[j]
    difference[np.abs(difference) < ROUNDING] = 0.0
    variance, freedom = _of_pairs(list(models.values()), i, j)
    error = np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(difference == 0.0, 0.0, np.abs(difference) / error)
    p_values = 2 * stats.t.sf(statistic, freedom)
    p_holm = holm(p_values)
    reach = stats.t.ppf(1 - ALPHA / 2, freedom) * error
    # The noncentral t distribution whose share beyond the corrected quantile is the power.
    critical = stats.t.ppf(1 - ALPHA / 2 / len(p_values), freedom)
    detectable = special.nctdtrinc(freedom, 1 - POWER, critical) * error
    return tuple(
        PairedTest(
            first=labels[i[k]],
            second=labels[j[k]],
            difference=float(difference[k]),
            low=float(difference[k] - reach[k]),
            high=float(difference[k] + reach[k]),
            p_value=float(p_values[k]),
            p_holm=float(p_holm[k]),
            detectable=float(detectable[k]),
            error=float(error[k]),
            freedom=float(freedom[k]),
            mcnemar_p=None if mcnemar is None else float(mcnemar[i[k], j[k]]),
        )
        for k in range(len(i))
    )


def holm(p_values: Floats) -> Floats:
    """Return p-values corrected for their number, in their order (Holm 1979).

    It is statsmodels' ``multipletests``, which collects all garbage in each call: seconds where much is in memory.
    """
    order = np.argsort(p_values)
    corrected = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    result = np.empty_like(p_values)
    result[order] = np.minimum(corrected, 1.0)
    return result


def _of_pairs(models: Sequence[Sequence[Scores]], i: Indices, j: Indices) -> tuple[Floats, Floats]:
    """Return the variance of each difference of means, and its degrees of freedom, (pairs,) each."""
    num_tasks = len(models[0])
    seeds, spreads, examples = [], [], []
    for task in zip(*models, strict=True):
        covariance = np.atleast_2d(np.cov(np.stack([scores.mean_resampled for scores in task])))
        own = np.array([scores.own_variance for scores in task])
        apart = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
        examples.append(np.maximum(apart - own[i] - own[j], 0.0) / num_tasks**2)
        part = np.array([scores.seed_variance for scores in task]) / num_tasks**2
        spread = np.array([scores.spread for scores in task])
        lent = np.array([scores.borrows for scores in task])
        one = lent[i] | lent[j]  # both parts rest on the same seeds, so they are one
        seeds += [np.where(one, part[i] + part[j], part[i]), np.where(one, 0.0, part[j])]
        spreads += [spread[i], spread[j]]
    by_pair = np.array(examples).T  # (pairs, tasks)
    variance = np.array(seeds).sum(axis=0) + by_pair.sum(axis=1)
    counts = [scores.num_examples for scores in models[0]]
    return variance, degrees_of_freedom(np.array(seeds).T, np.array(spreads).T, by_pair, counts)


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


def standings(values: Mapping[str, float], tests: Sequence[PairedTest]) -> dict[str, Standing]:
    """Return each model's place, the best first, from the tests of all pairs of models."""
    better, worse = dict.fromkeys(values, 0), dict.fromkeys(values, 0)
    for test in tests:
        if test.differs:
            ahead, behind = (test.first, test.second) if test.difference > 0 else (test.second, test.first)
            worse[ahead] += 1
            better[behind] += 1
    ranking = sorted(values, key=lambda label: (better[label], -values[label]))
    return {label: Standing(label=label, first=1 + better[label], last=len(values) - worse[label]) for label in ranking}


def groups(values: Mapping[str, float], tests: Sequence[PairedTest]) -> tuple[tuple[str, ...], ...]:
    """Return the longest runs of neighbours in the ranking of which no two can be told apart, the best first."""
    apart = {frozenset((test.first, test.second)) for test in tests if test.differs}
    ranking = sorted(values, key=lambda label: -values[label])
    ends = []
    for start in range(len(ranking)):
        end = start + 1
        while end < len(ranking) and not any(frozenset((ranking[end], other)) in apart for other in ranking[start:end]):
            end += 1
        ends.append(end)
    new = [start for start, (before, end) in enumerate(pairwise([0, *ends])) if end > before]
    return tuple(tuple(ranking[start : ends[start]]) for start in new)
