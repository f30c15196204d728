"""Tests of two models on few examples: against McNemar's exact test, and where the bootstrap is taken as it is."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.statistics.comparison import PairedTest, compare
from harness.statistics.few import FEW, sign_test
from harness.statistics.ranking import groups, standings
from harness.statistics.scores import Scores
from tests.fakes.scores import PERCENT, of_examples, of_seeds

rights = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=9)


def one_test(first: Sequence[int], second: Sequence[int], *, seeds: int = 1) -> PairedTest:
    (test,) = compare({"a": [of_examples(first, seeds=seeds)], "b": [of_examples(second, seeds=seeds)]})
    return test


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize(("count", "expected"), [(1, 1.0), (2, 0.5), (3, 0.25), (5, 0.0625), (6, 0.03125)])
def test_right_on_all_of_few_against_right_on_none_is_the_exact_test(count: int, expected: float, seeds: int) -> None:
    test = one_test([1] * count, [0] * count, seeds=seeds)
    assert test.p_value == pytest.approx(expected)
    assert (test.difference, test.high) == (100.0, 100.0)
    assert test.differs == (expected < 0.05) == (test.low > 0.0)
    assert test.detectable > 50.0
    standing = standings({"a": 100.0, "b": 0.0}, [test])
    assert (standing["b"].first == 1) is not test.differs
    assert len(groups({"a": 100.0, "b": 0.0}, [test])) == (2 if test.differs else 1)


@settings(max_examples=60, deadline=None)
@given(rights)
def test_no_test_of_few_examples_is_surer_than_mcnemars(pairs: list[tuple[int, int]]) -> None:
    first, second = zip(*pairs, strict=True)
    test = one_test(first, second)
    won, lost = sum(a > b for a, b in pairs), sum(b > a for a, b in pairs)
    exact = stats.binomtest(won, won + lost).pvalue if won + lost else 1.0
    assert test.p_value >= exact - 1e-9
    assert test.low <= test.difference <= test.high
    assert test.high - test.low > 100 * 2 / (len(pairs) + 2), "nor is an interval of few examples narrow"
    assert (test.low <= 0.0 <= test.high) == (test.p_value >= 0.05)


def test_few_discordant_examples_among_many_are_few() -> None:
    same = [1] * 400 + [0] * 100
    for won, lost in ((3, 0), (5, 1), (8, 1)):
        test = one_test(same + [1] * won + [0] * lost, same + [0] * won + [1] * lost)
        assert test.p_value == pytest.approx(stats.binomtest(won, won + lost).pvalue, rel=0.02)
    many = one_test(same + [1] * 20 + [0] * 5, same + [0] * 20 + [1] * 5)
    difference = [0] * 500 + [1] * 20 + [-1] * 5
    assert many.p_value == pytest.approx(stats.ttest_1samp(difference, 0.0).pvalue, rel=0.2)


def test_the_same_predictions_are_no_difference_and_no_proof_that_there_is_none() -> None:
    widths = []
    for count in (1, 3, 30, 1000):
        right = [index % 2 for index in range(count)]
        test = one_test(right, right)
        assert (test.difference, test.p_value, test.are_same) == (0.0, 1.0, True)
        widths.append(test.high - test.low)
    assert widths == sorted(widths, reverse=True)
    assert widths[:2] == [200.0, 200.0]
    assert widths[-1] == pytest.approx(0.78, abs=0.01), "about what the rule of three gives"
    assert not one_test([1, 0], [0, 1]).are_same


def test_examples_that_seeds_disagree_on_count_each() -> None:
    """Twenty examples that one seed of four misses are no few, though they weigh as little as five."""
    generator = np.random.default_rng(0)
    right = np.ones((4, 200))
    right[np.arange(20) % 4, np.arange(20)] = 0.0
    weights = generator.multinomial(200, np.full(200, 1 / 200), 2000)

    def scores(right: np.ndarray) -> Scores:
        values = 100 * right @ np.vstack([np.ones(200), weights]).T / 200
        return Scores(seeds=values[:, 0], resampled=values[:, 1:], num_examples=200, bounds=PERCENT)

    assert scores(right).num_apart == pytest.approx(20 * 0.75, rel=0.1)
    (test,) = compare({"all": [scores(np.ones((4, 200)))], "most": [scores(right)]})
    assert test.p_value < 0.01


def test_one_degenerate_task_makes_no_mean_certain() -> None:
    sure = {name: of_examples([1] * right + [0] * (300 - right)) for name, right in {"a": 200, "b": 190}.items()}
    (alone,) = compare({name: [scores] for name, scores in sure.items()})
    for count in (1, 3):
        few = {name: of_examples([value] * count) for name, value in {"a": 1, "b": 0}.items()}
        (mean,) = compare({name: [sure[name], few[name]] for name in sure})
        assert mean.difference > 50.0
        assert mean.standard_error > alone.standard_error
        assert not mean.differs
        assert mean.low < 0.0


def test_a_score_without_bounds_rests_on_its_bootstrap() -> None:
    scores = [replace(of_examples([1] * n + [0] * (9 - n)), bounds=(-math.inf, math.inf)) for n in (8, 3)]
    (test,) = compare({"a": [scores[0]], "b": [scores[1]]})
    assert 0.0 < test.p_value < 0.05
    (seeds,) = compare({"a": [of_seeds(1.0, 2.0)], "b": [of_seeds(1.0, 2.0)]})
    assert (seeds.are_same, seeds.p_value) == (True, 1.0)


def test_the_sign_test_of_whole_numbers_is_mcnemars() -> None:
    won, lost = np.array([3.0, 6.0, 4.0, 5.0, 0.0]), np.array([0.0, 2.0, 4.0, 1.0, 0.0])
    squares = won + lost
    found = sign_test(np.abs(won - lost), squares, squares, is_exact=np.ones(5, bool))
    expected = [stats.binomtest(int(w), int(w + n)).pvalue if w + n else 1.0 for w, n in zip(won, lost, strict=True)]
    assert found == pytest.approx(expected)
    noisy = sign_test(np.abs(won - lost), squares + 0.4, squares + 0.4, is_exact=np.ones(5, bool))
    assert noisy[:4] == pytest.approx(expected[:4]), "whose resamples show the number to some per cent"
    assert FEW == 10
