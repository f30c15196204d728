"""Intervals: against closed formulas, and by a small simulation."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from harness.statistics.few import example_variance
from harness.statistics.intervals import estimate, satterthwaite
from harness.statistics.scores import Scores
from tests.bench.coverage import Cell, few_cells, simulate
from tests.fakes.scores import ANYTHING, PERCENT, of_examples, of_seeds


def test_the_seeds_alone_give_students_interval() -> None:
    found = estimate([of_seeds(60.0, 62.0, 67.0)])
    low, high = stats.t.interval(0.95, 2, loc=63.0, scale=stats.sem([60.0, 62.0, 67.0]))
    assert (found.value, found.low, found.high) == (pytest.approx(63), pytest.approx(low), pytest.approx(high))
    assert found.num_seeds == 3


def test_the_examples_alone_give_the_interval_of_a_fraction_on_the_scale_of_its_logit() -> None:
    found = estimate([of_examples([1] * 160 + [0] * 40)])
    centre, error = math.log(0.8 / 0.2), 1.972 * (0.8 * 0.2 / 200) ** 0.5 / (0.8 * 0.2)
    low, high = (100 / (1 + math.exp(-(centre + side * error))) for side in (-1, 1))
    assert (found.low, found.high) == (pytest.approx(low, abs=0.25), pytest.approx(high, abs=0.25))


def test_examples_that_all_seeds_share_are_one_source_of_variance_and_not_three() -> None:
    one, three = (estimate([of_examples([1] * 160 + [0] * 40, seeds=seeds)]) for seeds in (1, 3))
    assert three.high - three.low == pytest.approx(one.high - one.low, rel=1e-6)


@pytest.mark.parametrize(("accuracy", "low", "high"), [(1, None, 100.0), (0, 0.0, None)])
def test_no_miss_and_no_hit_have_clopper_and_pearsons_interval(
    accuracy: int, low: float | None, high: float | None
) -> None:
    found = estimate([of_examples([accuracy] * 30)])
    exact = stats.binomtest(30 * accuracy, 30).proportion_ci(method="exact")
    assert found.low == pytest.approx(100 * exact.low if low is None else low)
    assert found.high == pytest.approx(100 * exact.high if high is None else high)


@pytest.mark.parametrize(
    "scores",
    [
        of_seeds(50.0, 50.0, bounds=PERCENT),  # half of it F1, of a test set without a positive example
        of_seeds(0.0, 0.0, bounds=(-100.0, 100.0)),  # a correlation with what is constant
        of_seeds(0.0),
        replace(of_seeds(0.0, bounds=PERCENT), is_mean=False),  # an F1 without a hit
        replace(of_seeds(100.0, bounds=PERCENT), is_mean=False),
    ],
)
def test_of_a_score_that_no_resample_changes_no_interval_is_known(scores: Scores) -> None:
    found = estimate([scores])
    assert found.value == scores.value
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_in_a_mean_a_score_that_no_resample_changes_has_the_variance_of_a_fraction_of_its_examples() -> None:
    known, constant = crossed(60, 62, bounds=PERCENT), of_seeds(50.0, 50.0, num_examples=40, bounds=PERCENT)
    alone, together = estimate([known]), estimate([known, constant])
    assert together.value == 55.5
    assert together.high - together.low > (alone.high - alone.low) / 2 + 1.0


@pytest.mark.parametrize("num_examples", [1, 2, 3, 5, 10, 30])
@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_of_few_examples_an_interval_is_no_narrower_than_wilsons(num_examples: int, fraction: float) -> None:
    num_right = round(fraction * num_examples)
    found = estimate([of_examples([1] * num_right + [0] * (num_examples - num_right))])
    wilson = stats.binomtest(num_right, num_examples).proportion_ci(method="wilson")
    assert found.high - found.low > 95 * (wilson.high - wilson.low)
    assert found.low <= found.value <= found.high


def test_from_ten_right_and_ten_wrong_on_the_bootstrap_is_taken_as_it_is() -> None:
    for num_right, is_plain in ((9, False), (10, True), (40, True), (41, False)):
        scores = of_examples([1] * num_right + [0] * (50 - num_right))
        plain = float(scores.mean_resampled.var(ddof=1))
        assert (example_variance(scores) == plain) is is_plain


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


@pytest.mark.parametrize("metric", ["accuracy", "f1", "matthews", "spearman"])
def test_intervals_hold_the_truth_and_equal_models_are_seldom_called_different(metric: str) -> None:
    """A small case of ``tests/bench/coverage.py``: within the 99 % range of 95 % and 5 %."""
    found = simulate(Cell(metric=metric, num_examples=100, num_seeds=3, seed_noise=1.0, cases=150))
    assert stats.binom.ppf(0.005, 150, 0.95) <= 1.5 * found.covered
    assert 1.5 * found.pair <= stats.binom.ppf(0.995, 150, 0.05)
    assert 1.5 * found.any_of_three <= stats.binom.ppf(0.995, 150, 0.05)


@pytest.mark.parametrize("metric", ["accuracy", "f1", "matthews"])
@pytest.mark.parametrize("num_examples", [1, 3, 10, 30])
def test_of_few_examples_intervals_hold_the_truth_and_equal_models_are_seldom_called_different(
    metric: str, num_examples: int
) -> None:
    """As ``python -m tests.bench.coverage --few`` has it, in small."""
    for cell in few_cells([metric], [num_examples], 40):
        found = simulate(cell)
        assert stats.binom.ppf(0.001, 40, 0.95) <= 0.4 * found.covered
        assert 0.4 * found.pair <= stats.binom.ppf(0.999, 40, 0.05)


def crossed(*seeds: float, stream: int = 0, bounds: tuple[float, float] = ANYTHING) -> Scores:
    """Scores that vary over seeds, over examples, and with both."""
    generator = np.random.default_rng(stream)
    of_examples, of_both = generator.normal(size=400), generator.normal(size=(len(seeds), 400))
    values = np.array(seeds)
    resampled = values[:, None] + 2 * of_examples + 0.5 * of_both
    return Scores(seeds=values, resampled=resampled, num_examples=101, bounds=bounds)


def expected_half_width(*tasks: Scores) -> float:
    """The interval's, by the formulas of an analysis of variance with crossed factors."""
    of_seeds, of_examples = [], []
    for task in tasks:
        num_seeds = len(task.seeds)
        both = (task.resampled - task.resampled.mean(axis=0)).var(axis=1, ddof=1).sum() / (num_seeds - 1) / num_seeds
        of_seeds.append(task.seeds.var(ddof=1) / num_seeds / len(tasks) ** 2)
        of_examples.append((task.resampled.mean(axis=0).var(ddof=1) - both) / len(tasks) ** 2)
    freedoms = np.array([len(task.seeds) - 1 for task in tasks])
    upper = np.array(of_seeds) * freedoms / stats.chi2.ppf(0.4, freedoms)
    squares = (upper**2 / freedoms).sum() + (np.array(of_examples) ** 2 / 100).sum()
    freedom = (upper.sum() + sum(of_examples)) ** 2 / squares
    return float(stats.t.ppf(0.975, freedom) * math.sqrt(sum(of_seeds) + sum(of_examples)))


@pytest.mark.parametrize("tasks", [(crossed(60, 62),), (crossed(60, 62, 67), crossed(10, 30, 20, stream=1))])
def test_seeds_examples_and_their_interaction_add_up(tasks: tuple[Scores, ...]) -> None:
    found = estimate(tasks)
    assert found.num_seeds == len(tasks[0].seeds)
    assert found.high - found.value == pytest.approx(expected_half_width(*tasks))
    assert found.value - found.low == pytest.approx(expected_half_width(*tasks))


def test_the_bounds_of_a_mean_are_the_means_of_the_bounds() -> None:
    narrow, wide = crossed(9.9, 9.8, bounds=(-10.0, 10.0)), crossed(99.0, 98.0, stream=1, bounds=(0.0, 100.0))
    found = estimate([narrow, wide])
    assert found.value < found.high < 55.0
    assert found.num_seeds == 2
    assert found.high - found.value < found.value - found.low


@pytest.mark.parametrize("bounds", [(0.0, math.inf), (-math.inf, 100.0)])
def test_without_bounds_the_interval_is_on_the_score_itself(bounds: tuple[float, float]) -> None:
    task = crossed(60.0, 60.0, 60.0, bounds=bounds)
    found = estimate([task])
    assert found.high - found.value == pytest.approx(found.value - found.low)
    assert found.high - found.value == pytest.approx(expected_half_width(task))
    assert found.num_seeds == 3


def test_a_perfect_correlation_has_a_lower_end_by_the_number_of_examples() -> None:
    found = estimate([of_seeds(100.0, 100.0, num_examples=30, bounds=(-100.0, 100.0))])
    assert (found.low, found.high) == (pytest.approx(100 - 200 * (1 - 0.025 ** (1 / 30))), 100.0)
    assert found.num_seeds == 2


def test_degrees_of_freedom_are_of_each_sum_alone() -> None:
    none = np.zeros((2, 1))
    assert satterthwaite(none, none, np.array([[3.0], [5.0]]), [11]) == pytest.approx([10, 10])
    seeds = np.array([[1.0], [4.0]])
    assert satterthwaite(seeds, np.ones((2, 1)), none, [11]) == pytest.approx([1, 1])
    assert satterthwaite(none, none, none, [11]) == pytest.approx([1, 1])
