"""Where models err: the examples that most of them miss, and those on which they part. Plain arrays in and out.

``credit`` has the shape (models, examples): how right each prediction is, 0 to 1, and NaN where there is none.
"""

import warnings

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
"""Indices of examples."""


def misses(credit: NDArray[np.float64], right_from: float) -> NDArray[np.int64]:
    """Return how many models miss each example; no prediction is no miss."""
    return np.asarray((credit < right_from).sum(axis=0), dtype=np.int64)


def most_missed(credit: NDArray[np.float64], right_from: float) -> Indices:
    """Return the examples that a model misses: most missed first, then those with least credit, then as they come."""
    count = misses(credit, right_from)
    order = np.lexsort((_mean_credit(credit), -count))
    return np.asarray(order[count[order] > 0], dtype=np.int64)


def most_contested(credit: NDArray[np.float64], right_from: float) -> Indices:
    """Return the examples that some models miss and some do not: the evenest split first, then as they come."""
    fraction = misses(credit, right_from) / np.maximum(np.isfinite(credit).sum(axis=0), 1)
    parted = fraction * (1 - fraction)
    order = np.argsort(-parted, kind="stable")
    return np.asarray(order[parted[order] > 0], dtype=np.int64)


def chosen(credit: NDArray[np.float64], right_from: float, limit: int) -> Indices:
    """Return at most ``limit`` examples, the most missed first: those missed most and those contested most, in turn.

    Where the limit allows it, the examples that nobody misses follow.
    """
    missed, contested = most_missed(credit, right_from), most_contested(credit, right_from)
    length = max(len(missed), len(contested))
    turns = [order[rank] for rank in range(length) for order in (missed, contested) if rank < len(order)]
    kept = list(dict.fromkeys([*turns, *range(credit.shape[1])]))[:limit]
    rank = {question: rank for rank, question in enumerate(missed)}
    return np.array(sorted(kept, key=lambda question: (rank.get(question, len(rank)), question)), dtype=np.int64)


def _mean_credit(credit: NDArray[np.float64]) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an example without any prediction has no mean
        return np.asarray(np.nanmean(credit, axis=0), dtype=np.float64)
