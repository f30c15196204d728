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

import numpy as np

from harness.api.metric import Floats
from harness.statistics.intervals import degrees_of_freedom
from harness.statistics.scores import ALPHA, POWER, ROUNDING, Indices, Scores


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
