"""Scores that vary over seeds alone, or over examples alone."""

import math
from collections.abc import Sequence

import numpy as np

from harness.statistics.scores import Scores

ANYTHING = (-math.inf, math.inf)
PERCENT = (0.0, 100.0)


def of_seeds(*seeds: float, num_examples: int = 1000, bounds: tuple[float, float] = ANYTHING) -> Scores:
    """Scores that no choice of examples changes."""
    values = np.array(seeds)
    return Scores(seeds=values, resampled=np.tile(values[:, None], 50), num_examples=num_examples, bounds=bounds)


def of_examples(right: Sequence[int], *, seeds: int = 1, num_resamples: int = 4000) -> Scores:
    """Accuracy of predictions that are the same for all seeds."""
    hits = np.array(right, float)
    weights = np.random.default_rng(0).multinomial(len(right), np.full(len(right), 1 / len(right)), num_resamples)
    resampled = np.tile(100 * weights @ hits / len(right), (seeds, 1))
    return Scores(seeds=np.full(seeds, 100 * hits.mean()), resampled=resampled, num_examples=len(right), bounds=PERCENT)
