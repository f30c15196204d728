"""GLUE's metrics on many resamples of a test set at once: the fast twins of ``harness.metrics.glue``.

A resample is a row of weights: how often each example is in it. So R resamples of N examples are an array (R, N), and a
metric of all of them is a product with what each example adds to it. Each function takes the predicted values of M
models, (M, N), the true ones, (N,), and weights, (R, N). It returns the value in percent of each model on each
resample, (M, R), just as ``harness.metrics.glue`` would on the examples repeated so often; a test holds the two
together.
"""

import numpy as np

from harness.api.metric import Floats, Values


def accuracy(predicted: Values, true: Values, weights: Floats) -> Floats:
    """Return the fraction of predictions that are right."""
    fractions: Floats = _counts(predicted == true, weights) / weights.sum(axis=1)
    return 100.0 * fractions


def f1(predicted: Values, true: Values, weights: Floats) -> Floats:
    """Return the harmonic mean of precision and recall of label 1; 0 where no 1 is predicted or true."""
    is_predicted, is_true = predicted == 1, true == 1
    num_either = _counts(is_predicted, weights) + _counts(is_true, weights)
    return _ratio(200.0 * _counts(is_predicted & is_true, weights), num_either)


def matthews(predicted: Values, true: Values, weights: Floats) -> Floats:
    """Return Matthews correlation, for two labels or more (Gorodkin 2004); 0 where either is constant."""
    total = weights.sum(axis=1)
    agreement, spread_predicted, spread_true = total * _counts(predicted == true, weights), total**2, total**2
    for label in np.union1d(predicted, true):
        num_predicted, num_true = _counts(predicted == label, weights), _counts(true == label, weights)
        agreement = agreement - num_predicted * num_true
        spread_predicted = spread_predicted - num_predicted**2
        spread_true = spread_true - num_true**2
    return 100.0 * _ratio(agreement, np.sqrt(np.maximum(spread_predicted * spread_true, 0.0)))


def pearson(predicted: Values, true: Values, weights: Floats) -> Floats:
    """Return Pearson's correlation; 0 where it is undefined."""
    x = predicted - predicted.mean(axis=1, keepdims=True)  # (M, N)
    y = true - true.mean()  # (N,)
    total = weights.sum(axis=1)
    mean_x, mean_y, square_x, square_y, product = (
        _counts(values, weights) / total for values in (x, y, x * x, y * y, x * y)
    )
    return 100.0 * _correlation(product - mean_x * mean_y, square_x - mean_x**2, square_y - mean_y**2)


def spearman(predicted: Values, true: Values, weights: Floats) -> Floats:
    """Return Spearman's rank correlation, ranks being those within each resample; 0 where it is undefined."""
    weighted_y = weights * (y := _centred_ranks(true, weights))  # (R, N)
    variance_y = np.einsum("rn,rn->r", weighted_y, y)
    rows = []
    for values in predicted:
        x = _centred_ranks(values, weights)  # (R, N)
        covariance = np.einsum("rn,rn->r", weighted_y, x)
        x *= x
        rows.append(_correlation(covariance, np.einsum("rn,rn->r", weights, x), variance_y))
    return 100.0 * np.stack(rows)


def _counts(values: Values, weights: Floats) -> Floats:
    """Return the sum of what each example adds, on each resample: (M, N) to (M, R), or (N,) to (R,)."""
    counts: Floats = values.astype(float) @ weights.T
    return counts


def _centred_ranks(values: Values, weights: Floats) -> Floats:
    """Return each example's rank in each resample less the mean rank, (R, N); equal ones have the middle one."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    last = np.cumsum(sizes) - 1  # of each group of equal values, in that order
    up_to = np.cumsum(weights[:, order], axis=1)[:, last]  # (R, groups)
    within = np.diff(up_to, axis=1, prepend=0.0)
    middle = up_to - (within - 1.0) / 2.0
    ranks: Floats = (middle - (weights.sum(axis=1, keepdims=True) + 1.0) / 2.0)[:, group]
    return ranks


def _correlation(covariance: Floats, variance_x: Floats, variance_y: Floats) -> Floats:
    tiny = 1e-12  # of a constant: its variance is what rounding leaves of 0
    known = (variance_x > tiny * variance_x.max(initial=0.0)) & (variance_y > tiny * variance_y.max(initial=0.0))
    product = np.where(known, variance_x * variance_y, 0.0)
    return _ratio(covariance, np.sqrt(np.maximum(product, 0.0)))


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Return the quotient, 0 where the denominator is 0."""
    ratio: Floats = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)
    return ratio
