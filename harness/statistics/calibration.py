"""Whether probabilities mean what they say: calibration error, Brier score, and the reliability diagram's bins."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

NUM_BINS = 15
"""Of equal width, as in Guo et al. 2017."""


@dataclass(frozen=True, kw_only=True)
class Bin:
    """The predictions whose probability falls into one bin: their mean probability and their accuracy, 0 to 1."""

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How far the probabilities of predicted labels are from their accuracy; each a mean over seeds.

    ``error`` is the expected calibration error (Naeini et al. 2015; Guo et al. 2017, equation 3), a fraction from 0 to
    1. ``brier`` is the Brier score over all labels (Brier 1950), from 0 to 2. ``bins`` are those of all seeds'
    predictions together; empty ones are left out.
    """

    error: float
    brier: float
    bins: tuple[Bin, ...]
    num_seeds: int


def calibrate(probabilities: Sequence[NDArray[np.float64]], labels: NDArray[np.int64]) -> Calibration:
    """Return the calibration of each seed's probabilities, (N, L) each, given the true ``labels``, (N,), 0 to L - 1.

    Raises:
        IndexError: a label of L or above.
        ValueError: a seed has another number of examples, or there is no seed.

    >>> found = calibrate([np.array([[0.9, 0.1], [0.2, 0.8]])], np.array([0, 0]))  # right with 0.9, wrong with 0.8
    >>> round(found.error, 3), round(found.brier, 3), [bin_.count for bin_ in found.bins]
    (0.45, 0.65, [1, 1])
    """
    everything = np.concatenate(list(probabilities))
    return Calibration(
        error=fmean(_error(_bins(seed, labels)) for seed in probabilities),
        brier=fmean(_brier(seed, labels) for seed in probabilities),
        bins=tuple(_bins(everything, np.tile(labels, len(probabilities)))),
        num_seeds=len(probabilities),
    )


def _bins(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> list[Bin]:
    confidence, is_right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    # The bins are (0, 1/15], (1/15, 2/15], ..., as there.
    indices = np.clip(np.ceil(confidence * NUM_BINS).astype(int) - 1, 0, NUM_BINS - 1)
    counts = np.bincount(indices, minlength=NUM_BINS)
    sums = (np.bincount(indices, weights=values, minlength=NUM_BINS) for values in (confidence, is_right))
    return [
        Bin(confidence=total / count, accuracy=num_right / count, count=count)
        for count, total, num_right in zip(counts.tolist(), *(values.tolist() for values in sums), strict=True)
        if count
    ]


def _error(bins: Sequence[Bin]) -> float:
    total = sum(bin_.count for bin_ in bins)
    return sum(bin_.count * abs(bin_.confidence - bin_.accuracy) for bin_ in bins) / total


def _brier(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    truth = np.eye(probabilities.shape[1])[labels]  # (N, L)
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())
