"""McNemar's exact test (1947), of all pairs of models at once: how often one of two is right where the other is not."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.api.metric import Floats


def exact_tests(right: Sequence[Mapping[int, NDArray[np.bool_]]]) -> Floats:
    """Return two-sided p-values, (M, M), symmetric; NaN for two models without a seed in common.

    ``right`` says of each of M models, by seed, which of the N examples it predicts rightly, (N,). The test is about
    two trained models, so there is one for each seed that both have; of several, twice the median counts, which is a
    p-value however they depend on one another (Rüger 1978). It does not account for the variance over seeds.

    Raises:
        ValueError: two models of one seed have different numbers of examples.

    >>> right = [{0: np.array([True] * 6 + [False])}, {0: np.array([False] * 6 + [False])}]
    >>> float(exact_tests(right)[0, 1])  # six discordant examples, all won by the first: 2 / 2 ** 6
    0.03125
    """
    seeds = sorted({seed for model in right for seed in model})
    p_values = np.full((len(seeds), len(right), len(right)), np.nan)
    for layer, seed in zip(p_values, seeds, strict=True):
        have = [index for index, model in enumerate(right) if seed in model]
        layer[np.ix_(have, have)] = _of_one_seed(np.stack([right[index][seed] for index in have]).astype(float))
    known = (~np.isnan(p_values)).sum(axis=0, keepdims=True)
    in_order = np.sort(p_values, axis=0)  # NaN comes last
    middle = [np.take_along_axis(in_order, np.maximum(at, 0), axis=0)[0] for at in ((known - 1) // 2, known // 2)]
    median: Floats = (middle[0] + middle[1]) / 2
    combined: Floats = np.where(known[0] > 1, np.minimum(1.0, 2 * median), median)
    return combined


def _of_one_seed(right: Floats) -> Floats:
    from scipy import stats

    ahead = right @ (1 - right).T  # (M, M): the first is right and the second wrong
    fewer, num_discordant = np.minimum(ahead, ahead.T), ahead + ahead.T
    p_values: Floats = np.minimum(1.0, 2 * stats.binom.cdf(fewer, num_discordant, 0.5))
    return p_values
