"""What differences between scores are worth: paired tests, intervals, and the minimum detectable difference.

A score varies with the seed of training and with the examples that the test set happens to hold. So the variance of a
mean over S seeds has two parts. That of the examples is the variance over bootstrap resamples, the same for all
models (Efron 1979), less the seed × example interaction that it contains; that of the seeds is their sample variance
over S, which contains that interaction. The two add up as in an analysis of variance with crossed factors. An interval
takes as many standard errors as Student's t with Satterthwaite's (1946) degrees of freedom. A variance estimated from
few seeds is itself uncertain, and then his degrees of freedom are too many; so they are computed with the seeds'
variance at its upper 60 % confidence bound. ``tests/bench/coverage.py`` holds this to what it promises.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.api.metric import Floats
from harness.statistics.few import paired_variances
from harness.statistics.intervals import satterthwaite
from harness.statistics.scores import ALPHA, POWER, ROUNDING, Indices, Scores, unit_of


@dataclass(frozen=True, kw_only=True)
class PairedTest:
    """One model against another on the same examples: percentage points, or another unit."""

    first: str
    second: str
    difference: float
    """The first's mean score less the second's."""
    low: float
    high: float
    """The difference's 95 % interval, for this pair alone."""
    p_value: float
    """Two-sided."""
    p_holm: float
    """Corrected over all pairs that were compared together (Holm 1979)."""
    detectable: float
    """The minimum detectable difference: found with 80 % power, at the level that Holm first asks of a pair.

    Infinite where that is more than two scores can be apart."""
    standard_error: float = math.nan
    """Of the difference."""
    degrees_of_freedom: float = math.nan
    """Of the standard error."""
    are_same: bool = False
    """Whether all seeds of both score the same on every resample, so that their predictions are as good."""
    mcnemar_p: float | None = None
    """The exact McNemar test, for accuracy alone."""
    unit: str = "%"
    """Of the scores."""

    @property
    def differs(self) -> bool:
        """Whether the two differ significantly."""
        return self.p_holm < ALPHA


def compare(models: Mapping[str, Sequence[Scores]], mcnemar: Floats | None = None) -> tuple[PairedTest, ...]:
    """Return the test of each pair of M models, in their order: (a, b), (a, c), ..., (b, c), ...; none for one model.

    Each model is given by its scores on the same tasks, in the same order and on the same R resamples; what is tested
    is the difference of the means over the tasks. ``mcnemar``, (M, M), holds the pairs' exact tests.

    Raises:
        ValueError: the models have different numbers of tasks or resamples.

    >>> def of_seeds(*seeds):
    ...     seeds, none = np.array(seeds), np.zeros((len(seeds), 9))
    ...     return [Scores(seeds=seeds, resampled=none, num_examples=9, bounds=(-np.inf, np.inf))]
    >>> (test,) = compare({"a": of_seeds(60.0, 62.0, 67.0), "b": of_seeds(70.0, 71.0, 70.5)})
    >>> test.difference, round(test.p_value, 3)  # Welch's test, as nothing depends on the examples here
    (-7.5, 0.067)
    """
    labels = list(models)
    if len(labels) < 2:
        return ()
    i, j = np.triu_indices(len(labels), k=1)
    means = np.array([math.fsum(task.goodness for task in models[label]) / len(models[label]) for label in labels])
    difference = means[i] - means[j]
    difference[np.abs(difference) < ROUNDING] = 0.0
    pairs = _of_pairs(list(models.values()), i, j)
    spread = math.fsum(task.spread for task in models[labels[0]]) / len(models[labels[0]])
    columns = {"difference": difference, **_tested(difference, pairs, spread)}
    if mcnemar is not None:
        columns["mcnemar_p"] = mcnemar[i, j]
    return tuple(
        PairedTest(
            first=labels[i[k]],
            second=labels[j[k]],
            are_same=bool(pairs.are_same[k]),
            unit=unit_of(models[labels[0]]),
            **{name: float(of[k]) for name, of in columns.items()},
        )
        for k in range(len(i))
    )


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Of each pair's difference of means, (pairs,) each."""

    variance: Floats
    degrees_of_freedom: Floats
    least_p: Floats
    """How small its p-value can be, where few examples tell the two apart."""
    are_same: NDArray[np.bool_]


def _tested(difference: Floats, pairs: _Pairs, spread: float) -> dict[str, Floats]:
    """Return what follows from differences, which lie within ``spread``, by name, (pairs,) each."""
    from scipy import special, stats

    error, degrees_of_freedom = np.sqrt(pairs.variance), pairs.degrees_of_freedom
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(difference == 0.0, 0.0, np.abs(difference) / error)
    p_values = np.maximum(2 * stats.t.sf(statistic, degrees_of_freedom), pairs.least_p)
    half_width = stats.t.ppf(1 - ALPHA / 2, degrees_of_freedom) * error
    # The noncentral t distribution of which the fraction beyond the corrected quantile is the power.
    critical = stats.t.ppf(1 - ALPHA / 2 / len(p_values), degrees_of_freedom)
    detectable = special.nctdtrinc(degrees_of_freedom, 1 - POWER, critical) * error
    return {
        "standard_error": error,
        "degrees_of_freedom": degrees_of_freedom,
        "low": np.maximum(difference - half_width, -spread),
        "high": np.minimum(difference + half_width, spread),
        "p_value": p_values,
        "p_holm": holm(p_values),
        "detectable": np.where(detectable > spread, np.inf, detectable),
    }


def holm(p_values: Floats) -> Floats:
    """Return p-values, (P,), corrected for their number, in their order (Holm 1979).

    It is statsmodels' ``multipletests``, which collects all garbage in each call: seconds where much is in memory.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()  # times 3; times 1, but no less than the one before; times 2
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)
    corrected = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    result = np.empty_like(p_values)
    result[order] = np.minimum(corrected, 1.0)
    return result


def _of_pairs(models: Sequence[Sequence[Scores]], i: Indices, j: Indices) -> _Pairs:
    num_tasks, least_p, are_same = len(models[0]), np.zeros(len(i)), np.full(len(i), fill_value=True)
    of_seeds, seed_freedoms, of_examples = [], [], []
    for task in zip(*models, strict=True):
        paired = paired_variances(list(task), i, j)
        of_examples.append(paired.of_examples / num_tasks**2)
        least_p = paired.least_p if num_tasks == 1 else least_p
        are_same &= paired.are_same
        part = np.array([scores.seed_variance for scores in task]) / num_tasks**2
        seed_freedom = np.array([scores.seed_degrees_of_freedom for scores in task])
        uses_donor = np.array([scores.uses_donor for scores in task])
        is_one = uses_donor[i] | uses_donor[j]  # both parts rest on the same seeds, so they are one
        of_seeds += [np.where(is_one, part[i] + part[j], part[i]), np.where(is_one, 0.0, part[j])]
        seed_freedoms += [seed_freedom[i], seed_freedom[j]]
    by_task = np.array(of_examples).T  # (pairs, tasks)
    variance = np.array(of_seeds).sum(axis=0) + by_task.sum(axis=1)
    num_examples = [scores.num_examples for scores in models[0]]
    freedom = satterthwaite(np.array(of_seeds).T, np.array(seed_freedoms).T, by_task, num_examples)
    return _Pairs(variance=variance, degrees_of_freedom=freedom, least_p=least_p, are_same=are_same)
