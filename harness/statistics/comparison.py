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

from harness.api.metric import Floats
from harness.statistics.intervals import satterthwaite
from harness.statistics.scores import ALPHA, POWER, ROUNDING, Indices, Scores


@dataclass(frozen=True, kw_only=True)
class PairedTest:
    """One model against another on the same examples, in points."""

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
    """The minimum detectable difference: found with 80 % power, at the level that Holm first asks of a pair."""
    standard_error: float = math.nan
    """Of the difference; 0 where no resample and no seed changes it."""
    degrees_of_freedom: float = math.nan
    """Of the standard error."""
    mcnemar_p: float | None = None
    """The exact McNemar test, for accuracy alone."""

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
    ...     return [Scores(seeds=np.array(seeds), resampled=np.zeros((len(seeds), 9)), num_examples=9, bounds=(0, 100))]
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
    variance, degrees_of_freedom = _of_pairs(list(models.values()), i, j)
    error = np.sqrt(variance)
    columns = {"difference": difference, "standard_error": error, "degrees_of_freedom": degrees_of_freedom}
    columns |= _tested(difference, error, degrees_of_freedom)
    if mcnemar is not None:
        columns["mcnemar_p"] = mcnemar[i, j]
    return tuple(
        PairedTest(first=labels[i[k]], second=labels[j[k]], **{name: float(of[k]) for name, of in columns.items()})
        for k in range(len(i))
    )


def _tested(difference: Floats, error: Floats, degrees_of_freedom: Floats) -> dict[str, Floats]:
    """Return what follows from differences, their standard errors and degrees of freedom, by name, (pairs,) each."""
    from scipy import special, stats

    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(difference == 0.0, 0.0, np.abs(difference) / error)
    p_values = 2 * stats.t.sf(statistic, degrees_of_freedom)
    half_width = stats.t.ppf(1 - ALPHA / 2, degrees_of_freedom) * error
    # The noncentral t distribution of which the fraction beyond the corrected quantile is the power.
    critical = stats.t.ppf(1 - ALPHA / 2 / len(p_values), degrees_of_freedom)
    return {
        "low": difference - half_width,
        "high": difference + half_width,
        "p_value": p_values,
        "p_holm": holm(p_values),
        "detectable": special.nctdtrinc(degrees_of_freedom, 1 - POWER, critical) * error,
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


def _of_pairs(models: Sequence[Sequence[Scores]], i: Indices, j: Indices) -> tuple[Floats, Floats]:
    """Return the variance of each difference of means, and its degrees of freedom, (pairs,) each."""
    num_tasks = len(models[0])
    of_seeds, seed_freedoms, of_examples = [], [], []
    for task in zip(*models, strict=True):
        covariance = np.atleast_2d(np.cov(np.stack([scores.mean_resampled for scores in task])))
        interaction = np.array([scores.interaction_variance for scores in task])
        of_difference = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
        of_examples.append(np.maximum(of_difference - interaction[i] - interaction[j], 0.0) / num_tasks**2)
        part = np.array([scores.seed_variance for scores in task]) / num_tasks**2
        seed_freedom = np.array([scores.seed_degrees_of_freedom for scores in task])
        uses_donor = np.array([scores.uses_donor for scores in task])
        is_one = uses_donor[i] | uses_donor[j]  # both parts rest on the same seeds, so they are one
        of_seeds += [np.where(is_one, part[i] + part[j], part[i]), np.where(is_one, 0.0, part[j])]
        seed_freedoms += [seed_freedom[i], seed_freedom[j]]
    by_task = np.array(of_examples).T  # (pairs, tasks)
    variance = np.array(of_seeds).sum(axis=0) + by_task.sum(axis=1)
    num_examples = [scores.num_examples for scores in models[0]]
    return variance, satterthwaite(np.array(of_seeds).T, np.array(seed_freedoms).T, by_task, num_examples)
