"""GLUE's figures on many resamples of a test set at once: the fast twins of ``harness.metrics``.

A resample is a row of weights: how often each example is in it. So R resamples of N examples are an array (R, N), and a
figure of all of them is a product with what each example adds to it. Each function takes predicted and true values,
(N,), and weights, (R, N), and returns the figure in percent for each resample, (R,), just as ``harness.metrics`` would
on the examples repeated so often; a test holds the two together.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
Floats = NDArray[np.float64]


def accuracy(predicted: Values, true: Values, weights: Floats) -> Floats:
    """Return the share of answers that are right."""
    shares: Floats = weights @ (predicted == true).astype(float) / weights.sum(axis=1)
    return 100.0 * shares


def f1(predicted: Values, true: Values, weights: Floats) -> Floats:
    """Return the harmonic mean of precision and recall of label 1; 0 where no 1 is predicted or true."""
    is_predicted, is_true = predicted == 1, true == 1
    counts = weights @ np.column_stack([is_predicted & is_true, is_predicted, is_true]).astype(float)  # (R, 3)
    hits, num_predicted, num_true = counts.T
    return _ratio(200.0 * hits, num_predicted + num_true)


def matthews(predicted: Values, true: Values, weights: Floats) -> Floats:
    """Return Matthews correlation, for two labels or more (Gorodkin 2004); 0 where all answers or labels are alike."""
    labels = np.union1d(predicted, true)
    are_predicted, are_true = (values[:, None] == labels for values in (predicted, true))  # (N, labels) each
    num_predicted, num_true = weights @ are_predicted.astype(float), weights @ are_true.astype(float)  # (R, labels)
    total = weights.sum(axis=1)
    agreement = total * (weights @ (predicted == true).astype(float)) - (num_predicted * num_true).sum(axis=1)
    spread = (total**2 - (num_predicted**2).sum(axis=1)) * (total**2 - (num_true**2).sum(axis=1))
    return 100.0 * _ratio(agreement, np.sqrt(np.maximum(spread, 0.0)))


def pearson(predicted: Values, true: Values, weights: Floats) -> Floats:
    """Return Pearson's correlation; 0 where it is undefined."""
    x, y = (values.astype(float) - values.mean() for values in (predicted, true))
    total = weights.sum(axis=1)
    moments = weights @ np.column_stack([x, y, x * x, y * y, x * y]) / total[:, None]  # (R, 5)
    mean_x, mean_y, square_x, square_y, product = moments.T
    covariance = product - mean_x * mean_y
    return 100.0 * _correlation(covariance, square_x - mean_x**2, square_y - mean_y**2)


def spearman(predicted: Values, true: Values, weights: Floats) -> Floats:
    """Return Spearman's rank correlation, ranks being those within each resample; 0 where it is undefined."""
    total = weights.sum(axis=1)
    x, y = (_centred_ranks(values, weights) for values in (predicted, true))  # (R, N) each
    weighted = weights * x
    covariance = np.einsum("rn,rn->r", weighted, y) / total
    variance_x = np.einsum("rn,rn->r", weighted, x) / total
    variance_y = np.einsum("rn,rn,rn->r", weights, y, y) / total
    return 100.0 * _correlation(covariance, variance_x, variance_y)


def _centred_ranks(values: Values, weights: Floats) -> Floats:
    """Return each example's rank in each resample less the mean rank, (R, N); those that are alike share the middle."""
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
    known = (variance_x > tiny * variance_x.max()) & (variance_y > tiny * variance_y.max())
    product = np.where(known, variance_x * variance_y, 0.0)
    return _ratio(covariance, np.sqrt(np.maximum(product, 0.0)))


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Return the quotient, 0 where the denominator is 0."""
    ratio: Floats = np.divide(numerator, denominator, out=np.zeros(len(numerator)), where=denominator > 0)
    return ratio
