"""What few examples can tell: variances and tests that take a degenerate bootstrap for no certainty.

Resamples of three right predictions are three right predictions, and so their variance is 0, whatever the model. Where
fewer than ``FEW`` examples are what a score or a difference rests on, the examples' variance is therefore at least that
of a few pseudo-examples added (Agresti and Coull 1998; of a paired difference, Bonett and Price 2012), and a difference
is no surer than the exact sign test of the examples on which two models differ (McNemar 1947). Both need nothing but
the scores on the resamples: the variance of a mean over examples says on how many of them two models differ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.api.metric import Floats
from harness.statistics.scores import ROUNDING, Indices, Scores

FEW = 10
"""Examples; from so many on, a bootstrap of them is trusted."""
PSEUDO_EXAMPLES = 4
"""Half of them right, half of them wrong."""
LARGEST_P = 0.5
"""An exact test above it says that nothing is known, not how little; a variance is not made from it."""


def example_variance(scores: Scores) -> float:
    """Return the variance of the mean over seeds that is due to the examples, of a score that may rest on few.

    It does where fewer than ``FEW`` are right or fewer than ``FEW`` are wrong, and where no resample changes the score.
    """
    variance = max(float(scores.mean_resampled.var(ddof=1)) - scores.interaction_variance, 0.0)
    count, spread = scores.num_examples, scores.spread
    if np.isinf(spread):
        return variance
    right = count * (scores.value - scores.bounds[0]) / spread
    if min(right, count - right) >= FEW and variance > 0.0:
        return variance
    size = count if scores.is_mean else max(count - FEW // 2, 1)  # where an example may weigh more than another
    smoothed = (right / count * size + PSEUDO_EXAMPLES / 2) / (size + PSEUDO_EXAMPLES)
    least = smoothed * (1 - smoothed) / (size + PSEUDO_EXAMPLES) * spread**2
    return max(variance * count / max(count - 1, 1), least)


def is_degenerate(scores: Scores) -> bool:
    """Return whether neither a seed nor a resample changes the score, so that nothing is known of its variance."""
    return bool(np.ptp(np.column_stack([scores.seeds, scores.resampled])) <= ROUNDING) and not scores.seed_variance


@dataclass(frozen=True, kw_only=True)
class PairedVariances:
    """Of the difference of every two models' means over seeds on one task, (pairs,) each."""

    of_examples: Floats
    """The variance that is due to the examples."""
    least_p: Floats
    """The p-value of the exact test where few examples tell two models apart, 0 elsewhere."""
    are_same: NDArray[np.bool_]
    """Whether all seeds of both score the same on every resample, so that their predictions are as good."""


def paired_variances(models: list[Scores], i: Indices, j: Indices) -> PairedVariances:
    """Return what the examples' variance of each pair's difference is, and how small its p-value can be."""
    covariance = np.atleast_2d(np.cov(np.stack([scores.mean_resampled for scores in models])))
    together = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
    interaction = np.array([scores.interaction_variance for scores in models])
    variance: Floats = np.maximum(together - interaction[i] - interaction[j], 0.0)
    count, spread = models[0].num_examples, models[0].spread
    value = np.array([scores.value for scores in models])
    apart = np.array([scores.num_apart for scores in models])  # (M,)
    difference = np.abs(value[i] - value[j])
    are_same = (np.maximum(together, difference) + apart[i] + apart[j]) <= ROUNDING
    if np.isinf(spread):
        return PairedVariances(of_examples=variance, least_p=np.zeros(len(i)), are_same=are_same)
    ahead = count * difference / spread
    # A mean over examples of what is -1, 0 or 1 has the variance (squares - ahead ** 2 / count) / count ** 2.
    squares = np.minimum(count**2 * together / spread**2 + ahead**2 / count, count)
    discordant = np.minimum(squares + apart[i] + apart[j], count)
    is_single = np.array([len(scores.seeds) == 1 for scores in models])
    p_values = sign_test(ahead, squares, discordant, is_exact=is_single[i] & is_single[j])
    few = discordant < FEW
    least = np.where(few, np.maximum(variance, _least(ahead, p_values, count) * spread**2), variance)
    return PairedVariances(of_examples=least, least_p=np.where(few, p_values, 0.0), are_same=are_same)


def _least(ahead: Floats, p_values: Floats, count: int) -> Floats:
    """Return the least variances of differences of fractions, with which Student's test is no surer than the exact."""
    from scipy import stats

    quantile = stats.t.isf(np.minimum(p_values, LARGEST_P) / 2, max(count - 1, 1))
    floor = PSEUDO_EXAMPLES / (count + 2) ** 2
    found: Floats = np.maximum((ahead / count / quantile) ** 2, floor)
    return found


def sign_test(ahead: Floats, squares: Floats, discordant: Floats, *, is_exact: NDArray[np.bool_]) -> Floats:
    """Return the two-sided p-value of a sum over discordant examples if each had either sign, (pairs,) each.

    ``ahead`` is the sum, ``squares`` that of the squares. Where they are whole numbers, of one seed on either side, it
    is McNemar's exact test; else examples count as if all weighed the same.

    >>> ahead, discordant = np.array([3.0, 1.0, 3.0]), np.array([3.0, 1.0, 5.0])
    >>> sign_test(ahead, discordant, discordant, is_exact=np.array([True] * 3)).round(3).tolist()
    [0.25, 1.0, 0.375]
    """
    from scipy import special

    weight = np.sqrt(np.divide(squares, discordant, out=np.ones_like(squares), where=squares > 0))
    ahead = ahead / weight
    lost = np.maximum(discordant - ahead, 0.0) / 2
    lost = np.where(is_exact, np.round(lost), lost)
    won = lost + ahead
    p_values: Floats = 2 * special.betainc(np.maximum(won, 1e-9), lost + 1, 0.5)
    return np.minimum(np.where(won > 0, p_values, 1.0), 1.0)
