"""Paired tests: against closed formulas, SciPy and statsmodels."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from harness.statistics.comparison import compare, holm
from harness.statistics.scores import Scores
from tests.fakes.scores import of_examples, of_seeds


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
    assert test.standard_error == pytest.approx(
        (stats.sem([60.0, 62.0, 64.0]) ** 2 + stats.sem([50.0, 53.0]) ** 2) ** 0.5
    )
    assert test.high - test.difference == pytest.approx(
        stats.t.ppf(0.975, test.degrees_of_freedom) * test.standard_error
    )


def test_one_seed_takes_its_variance_from_a_donor() -> None:
    many, one = of_seeds(60.0, 62.0, 64.0), of_seeds(55.0)
    assert (one.seed_variance, one.seed_degrees_of_freedom) == (0.0, 0)
    receiver = replace(one, donor=many)
    assert (receiver.seed_variance, receiver.seed_degrees_of_freedom) == (pytest.approx(4.0), 2)
    assert receiver.interaction_variance == pytest.approx(3 * many.interaction_variance)
    (test,) = compare({"many": [many], "one": [receiver]})
    assert (test.standard_error**2, test.degrees_of_freedom) == (pytest.approx(4.0 / 3 + 4.0), pytest.approx(2.0))
    assert replace(many, donor=one).seed_variance == many.seed_variance, "one seed has no variance to give"


def test_few_seeds_have_no_smaller_a_variance_than_their_donor() -> None:
    many, low, high = of_seeds(60.0, 62.0, 64.0), of_seeds(55.0, 55.2), of_seeds(50.0, 60.0)
    assert replace(low, donor=many).uses_donor
    assert replace(low, donor=many).seed_variance == pytest.approx(4.0 / 2)
    assert not replace(high, donor=many).uses_donor
    assert replace(high, donor=many).seed_variance == high.seed_variance
    high_test, low_test = (compare({"many": [many], "few": [replace(few, donor=many)]})[0] for few in (high, low))
    assert low_test.degrees_of_freedom == pytest.approx(2.0)
    assert high_test.standard_error**2 == pytest.approx(4.0 / 3 + 25.0)


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


def test_the_mean_over_tasks_has_the_variances_of_all_over_the_square_of_their_number() -> None:
    models = {
        name: [of_seeds(60.0, 62.0, 64.0 + shift), of_examples([1] * (30 + shift) + [0] * 10, seeds=3)]
        for name, shift in {"a": 0, "b": 3, "c": 6}.items()
    }
    (alone,) = compare({name: models[name] for name in "ab"})
    assert alone.standard_error == compare(models)[0].standard_error
    assert alone.degrees_of_freedom == compare(models)[0].degrees_of_freedom
    of_task = [compare({name: [models[name][task]] for name in "ab"})[0].standard_error for task in range(2)]
    assert alone.standard_error**2 == pytest.approx(sum(error**2 for error in of_task) / 4)


def test_exact_tests_stand_beside_the_pair_that_they_are_of() -> None:
    exact = np.array([[1.0, 0.1, 0.2], [0.1, 1.0, 0.3], [0.2, 0.3, 1.0]])
    tests = compare({name: [of_seeds(1.0, 2.0)] for name in "abc"}, exact)
    assert [test.mcnemar_p for test in tests] == [0.1, 0.2, 0.3]
    assert compare({name: [of_seeds(1.0, 2.0)] for name in "ab"})[0].mcnemar_p is None


def test_models_must_have_the_same_tasks() -> None:
    with pytest.raises(ValueError, match="argument"):
        compare({"a": [of_seeds(1.0, 2.0)] * 2, "b": [of_seeds(1.0, 2.0)]})


def test_where_lower_is_better_the_lower_is_ahead() -> None:
    def of(value: float, *, higher: bool) -> list[Scores]:
        resampled = np.full((3, 50), value) + np.linspace(-0.1, 0.1, 50)
        seeds = np.array([value - 0.1, value, value + 0.1])
        bounds = (0.0, 100.0)
        return [Scores(seeds=seeds, resampled=resampled, num_examples=50, bounds=bounds, higher_is_better=higher)]

    for higher in (True, False):
        (test,) = compare({"one": of(20.0, higher=higher), "other": of(30.0, higher=higher)})
        assert test.difference == pytest.approx(-10.0 if higher else 10.0)
        assert test.low < test.difference < test.high
