"""Intervals, paired tests and places: against closed formulas, and by a small simulation."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from harness.statistics.comparison import PairedTest, compare, holm
from harness.statistics.intervals import estimate
from harness.statistics.ranking import Standing, groups, standings
from harness.statistics.scores import Scores
from tests.bench.coverage import Cell, simulate

ANYTHING = (-math.inf, math.inf)
PERCENT = (0.0, 100.0)


def of_seeds(*seeds: float, num_examples: int = 1000, bounds: tuple[float, float] = ANYTHING) -> Scores:
    """Scores that no choice of examples changes."""
    values = np.array(seeds)
    return Scores(seeds=values, resampled=np.tile(values[:, None], 50), num_examples=num_examples, bounds=bounds)


def of_examples(right: Sequence[int], *, seeds: int = 1, num_resamples: int = 4000) -> Scores:
    """Accuracy of answers of which all seeds give the same."""
    share = np.array(right, float)
    weights = np.random.default_rng(0).multinomial(len(right), np.full(len(right), 1 / len(right)), num_resamples)
    resampled = np.tile(100 * weights @ share / len(right), (seeds, 1))
    return Scores(
        seeds=np.full(seeds, 100 * share.mean()), resampled=resampled, num_examples=len(right), bounds=PERCENT
    )


def test_the_seeds_alone_give_students_interval() -> None:
    found = estimate([of_seeds(60.0, 62.0, 67.0)])
    low, high = stats.t.interval(0.95, 2, loc=63.0, scale=stats.sem([60.0, 62.0, 67.0]))
    assert (found.value, found.low, found.high) == (pytest.approx(63), pytest.approx(low), pytest.approx(high))
    assert found.num_seeds == 3


def test_the_examples_alone_give_the_interval_of_a_share_on_the_scale_of_its_logit() -> None:
    found = estimate([of_examples([1] * 160 + [0] * 40)])
    centre, error = math.log(0.8 / 0.2), 1.972 * (0.8 * 0.2 / 200) ** 0.5 / (0.8 * 0.2)
    low, high = (100 / (1 + math.exp(-(centre + side * error))) for side in (-1, 1))
    assert (found.low, found.high) == (pytest.approx(low, abs=0.25), pytest.approx(high, abs=0.25))


def test_examples_that_all_seeds_share_are_one_chance_and_not_three() -> None:
    one, three = (estimate([of_examples([1] * 160 + [0] * 40, seeds=seeds)]) for seeds in (1, 3))
    assert three.high - three.low == pytest.approx(one.high - one.low, rel=1e-6)


@pytest.mark.parametrize(("share", "low", "high"), [(1, None, 100.0), (0, 0.0, None)])
def test_no_miss_and_no_hit_have_clopper_and_pearsons_interval(
    share: int, low: float | None, high: float | None
) -> None:
    found = estimate([of_examples([share] * 30)])
    exact = stats.binomtest(30 * share, 30).proportion_ci(method="exact")
    assert found.low == pytest.approx(100 * exact.low if low is None else low)
    assert found.high == pytest.approx(100 * exact.high if high is None else high)


def test_a_score_that_nothing_changes_is_known_exactly() -> None:
    found = estimate([of_seeds(0.0, 0.0, bounds=(-100.0, 100.0))])
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_an_interval_stays_within_the_bounds() -> None:
    found = estimate([of_seeds(99.0, 90.0, bounds=PERCENT)])
    assert 0 < found.low < found.value < found.high < 100


def test_the_mean_over_tasks_has_their_variances_over_the_square_of_their_number() -> None:
    tasks = [of_seeds(60.0, 62.0, 67.0), of_seeds(10.0, 30.0, 20.0)]
    found = estimate(tasks)
    parts = [stats.sem([60.0, 62.0, 67.0]) ** 2 / 4, stats.sem([10.0, 30.0, 20.0]) ** 2 / 4]
    freedom = sum(parts) ** 2 / sum(part**2 / 2 for part in parts)
    assert found.value == pytest.approx((63 + 20) / 2)
    assert found.high - found.value == pytest.approx(stats.t.ppf(0.975, freedom) * sum(parts) ** 0.5)


def test_two_models_that_differ_in_seeds_alone_have_welchs_test() -> None:
    first, second = [60.0, 62.0, 67.0], [70.0, 71.0, 70.5]
    (test,) = compare({"a": [of_seeds(*first)], "b": [of_seeds(*second)]})
    expected = stats.ttest_ind(first, second, equal_var=False)
    assert test.p_value == pytest.approx(expected.pvalue)
    assert (test.low, test.high) == pytest.approx(tuple(expected.confidence_interval()))
    assert test.difference == pytest.approx(-7.5)


def test_one_seed_on_the_same_examples_is_a_paired_test() -> None:
    generator = np.random.default_rng(1)
    first = generator.integers(0, 2, 400)
    second = np.where(generator.random(400) < 0.1, 1 - first, first)
    (test,) = compare({"a": [of_examples(list(first))], "b": [of_examples(list(second))]})
    expected = stats.ttest_rel(100 * first, 100 * second)
    assert test.p_value == pytest.approx(expected.pvalue, rel=0.1)
    unpaired = stats.ttest_ind(100 * first, 100 * second)
    assert test.high - test.low < 0.5 * np.ptp(unpaired.confidence_interval())


def test_the_detectable_difference_is_found_with_80_percent_power() -> None:
    (test,) = compare({"a": [of_seeds(60.0, 62.0, 64.0)], "b": [of_seeds(60.0, 62.0, 64.0)]})
    error = (2 * stats.sem([60.0, 62.0, 64.0]) ** 2) ** 0.5
    power = stats.nct.sf(stats.t.ppf(0.975, 4), 4, test.detectable / error)
    assert power == pytest.approx(0.8)


def test_what_is_detectable_among_many_pairs_is_what_holm_calls_different() -> None:
    models = {name: [of_seeds(60.0, 62.0, 64.0)] for name in "abcde"}
    error = (2 * stats.sem([60.0, 62.0, 64.0]) ** 2) ** 0.5
    tests = compare(models)
    power = stats.nct.sf(stats.t.ppf(1 - 0.025 / 10, 4), 4, tests[0].detectable / error)
    assert power == pytest.approx(0.8)


def test_an_interval_is_the_error_times_students_t() -> None:
    (test,) = compare({"a": [of_seeds(60.0, 62.0, 64.0)], "b": [of_seeds(50.0, 53.0)]})
    assert test.error == pytest.approx((stats.sem([60.0, 62.0, 64.0]) ** 2 + stats.sem([50.0, 53.0]) ** 2) ** 0.5)
    assert test.high - test.difference == pytest.approx(stats.t.ppf(0.975, test.freedom) * test.error)


def test_one_seed_borrows_the_unrest_of_many() -> None:
    many, one = of_seeds(60.0, 62.0, 64.0), of_seeds(55.0)
    assert (one.seed_variance, one.spread) == (0.0, 0)
    borrowing = replace(one, lender=many)
    assert (borrowing.seed_variance, borrowing.spread) == (pytest.approx(4.0), 2)
    assert borrowing.own_variance == pytest.approx(3 * many.own_variance)
    (test,) = compare({"many": [many], "one": [borrowing]})
    assert (test.error**2, test.freedom) == (pytest.approx(4.0 / 3 + 4.0), pytest.approx(2.0))
    assert replace(many, lender=one).seed_variance == many.seed_variance, "one seed has nothing to lend"


def test_few_seeds_are_no_calmer_than_many() -> None:
    many, calm, wild = of_seeds(60.0, 62.0, 64.0), of_seeds(55.0, 55.2), of_seeds(50.0, 60.0)
    assert replace(calm, lender=many).borrows
    assert replace(calm, lender=many).seed_variance == pytest.approx(4.0 / 2)
    assert not replace(wild, lender=many).borrows
    assert replace(wild, lender=many).seed_variance == wild.seed_variance
    apart, alike = (compare({"many": [many], "few": [replace(few, lender=many)]})[0] for few in (wild, calm))
    assert alike.freedom == pytest.approx(2.0)
    assert apart.error**2 == pytest.approx(4.0 / 3 + 25.0)


def test_what_rounding_leaves_is_no_difference() -> None:
    (test,) = compare({"a": [of_examples([1, 0])], "b": [replace(of_examples([1, 0]), seeds=np.array([50 + 1e-13]))]})
    assert (test.difference, test.p_value) == (0.0, 1.0)


def test_equal_answers_are_no_difference() -> None:
    same = of_examples([1, 0, 1, 1])
    (test,) = compare({"a": [same], "b": [same]})
    assert (test.difference, test.p_value, test.p_holm, test.differs) == (0.0, 1.0, 1.0, False)


def test_p_values_are_corrected_as_holm_has_it() -> None:
    models = {name: [of_seeds(*seeds)] for name, seeds in {"a": (1, 2, 3), "b": (2, 3.5, 5), "c": (9, 11, 10)}.items()}
    tests = compare(models)
    assert [(test.first, test.second) for test in tests] == [("a", "b"), ("a", "c"), ("b", "c")]
    _, expected, _, _ = multipletests([test.p_value for test in tests], method="holm")
    assert [test.p_holm for test in tests] == pytest.approx(expected)
    assert compare({"a": [of_seeds(1.0)]}) == ()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_agrees_with_statsmodels(p_values: list[float]) -> None:
    _, expected, _, _ = multipletests(p_values, method="holm")
    assert holm(np.array(p_values)) == pytest.approx(expected)


def apart(first: str, second: str, difference: float, *, p_holm: float) -> PairedTest:
    return PairedTest(
        first=first, second=second, difference=difference, low=0, high=0, p_value=p_holm, p_holm=p_holm, detectable=1
    )


def test_places_are_shared_by_models_that_cannot_be_told_apart() -> None:
    values = {"low": 50.0, "top": 70.0, "near": 69.0, "mid": 60.0}
    tests = [
        apart("low", "top", -20, p_holm=0.001),
        apart("low", "near", -19, p_holm=0.001),
        apart("low", "mid", -10, p_holm=0.3),
        apart("top", "near", 1, p_holm=0.9),
        apart("top", "mid", 10, p_holm=0.01),
        apart("near", "mid", 9, p_holm=0.06),
    ]
    places = standings(values, tests)
    assert list(places.values()) == [
        Standing(label="top", first=1, last=2),
        Standing(label="near", first=1, last=3),
        Standing(label="mid", first=2, last=4),
        Standing(label="low", first=3, last=4),
    ]
    assert groups(values, tests) == (("top", "near"), ("near", "mid"), ("mid", "low"))


def test_all_apart_are_groups_of_one() -> None:
    tests = [apart("a", "b", 5, p_holm=0.01)]
    assert groups({"a": 5.0, "b": 0.0}, tests) == (("a",), ("b",))
    assert groups({}, []) == ()


@pytest.mark.parametrize("figure", ["accuracy", "f1", "matthews", "spearman"])
def test_intervals_hold_the_truth_and_equal_models_are_seldom_told_apart(figure: str) -> None:
    """A small case of ``tests/bench/coverage.py``: 99 % of what chance would give 95 % and 5 % of."""
    found = simulate(Cell(figure=figure, num_examples=100, num_seeds=3, unrest=1.0, cases=150))
    assert stats.binom.ppf(0.005, 150, 0.95) <= 1.5 * found.covered
    assert 1.5 * found.pair <= stats.binom.ppf(0.995, 150, 0.05)
    assert 1.5 * found.any_of_three <= stats.binom.ppf(0.995, 150, 0.05)
