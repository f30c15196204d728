"""McNemar's exact test, of all pairs at once, against statsmodels' one at a time."""

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar

from harness.statistics.mcnemar import exact_tests

GENERATOR = np.random.default_rng(0)
RIGHT = [GENERATOR.random(60) < share for share in (0.5, 0.7, 0.9)]


def expected(first: np.ndarray, second: np.ndarray) -> float:
    table = [[np.sum(a & b) for b in (second, ~second)] for a in (first, ~first)]
    return float(mcnemar(table, exact=True).pvalue)


def test_agrees_with_statsmodels() -> None:
    found = exact_tests([{0: right} for right in RIGHT])
    for i, first in enumerate(RIGHT):
        for j, second in enumerate(RIGHT):
            assert found[i, j] == pytest.approx(expected(first, second))


def test_of_several_seeds_twice_the_median_counts() -> None:
    seeds = [{0: RIGHT[0], 1: RIGHT[1], 2: RIGHT[2]}, {0: RIGHT[1], 1: RIGHT[1], 2: RIGHT[1]}]
    single = sorted(expected(seeds[0][seed], seeds[1][seed]) for seed in range(3))
    assert exact_tests(seeds)[0, 1] == pytest.approx(min(1.0, 2 * single[1]))
    two = exact_tests([{seed: model[seed] for seed in (0, 2)} for model in seeds])
    assert two[0, 1] == pytest.approx(expected(RIGHT[0], RIGHT[1]) + expected(RIGHT[2], RIGHT[1]))


def test_without_a_seed_in_common_there_is_none() -> None:
    found = exact_tests([{0: RIGHT[0]}, {1: RIGHT[1]}])
    assert np.isnan(found[0, 1])
    assert found[0, 0] == 1.0


def test_a_p_value_is_no_more_than_one() -> None:
    seeds = dict.fromkeys(range(3), RIGHT[0])
    assert (exact_tests([seeds, seeds]) == 1.0).all()
