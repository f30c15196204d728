"""Looks seed by seed: together they err no more often than promised, and what is decided stays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gate.quality import PairScores, judge
from harness.gate.sequential import FIRST_LOOK, Looks, first_seeds, look_level, over_looks
from harness.gate.verdicts import Verdict
from harness.statistics.scores import Scores


@pytest.mark.parametrize("max_seeds", [3, 8, 20])
def test_a_walk_crosses_as_often_as_promised(max_seeds: int) -> None:
    from scipy import stats

    level = look_level(0.05, num_tests=1, max_seeds=max_seeds)
    steps = np.random.default_rng(0).normal(size=(40_000, max_seeds))
    walks = steps.cumsum(axis=1) / np.sqrt(np.arange(1, max_seeds + 1))
    crossed = (walks[:, FIRST_LOOK - 1 :] > stats.norm.isf(level)).any(axis=1)
    assert crossed.mean() == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 40_000))


@given(st.sampled_from((2, 3, 8, 20)), st.integers(1, 40))
def test_a_level_lies_between_alpha_and_its_fraction(max_seeds: int, num_tests: int) -> None:
    level = look_level(0.05, num_tests=num_tests, max_seeds=max_seeds)
    assert 0.05 / (max_seeds - 1) - 1e-9 <= level <= 0.05


@given(st.floats(1e-15, 1.0), st.floats(1e-15, 1.0), st.integers(1, 10))
def test_p_values_over_looks_grow_with_those_of_a_look(one: float, other: float, num_tests: int) -> None:
    low, high = (over_looks(p, num_tests=num_tests, max_seeds=20) for p in sorted((one, other)))
    assert low <= high <= 1.0
    assert low >= min(one, other) * (1 - 1e-9)


def test_a_p_value_at_the_level_is_worth_alpha() -> None:
    level = look_level(0.05, num_tests=10, max_seeds=20)
    assert over_looks(level, num_tests=10, max_seeds=20) == pytest.approx(0.05)
    assert look_level(0.05, num_tests=10, max_seeds=2) == over_looks(0.05, num_tests=10, max_seeds=2) == 0.05


def pair(loss: float, *, num_seeds: int = 10, seed_noise: float = 0.5, seed: int = 0) -> PairScores:
    random = np.random.default_rng(seed)

    def scores(value: float) -> Scores:
        seeds = value + seed_noise * random.normal(size=num_seeds)
        resampled = seeds[:, None] + 0.05 * random.normal(size=(num_seeds, 100))
        return Scores(seeds=seeds, resampled=resampled, num_examples=1000, bounds=(0.0, 100.0))

    seeds = tuple(range(num_seeds))
    return PairScores(
        reference=scores(80.0), run=scores(80.0 - loss), reference_seeds=seeds, run_seeds=seeds, is_trained=True
    )


def follow(pairs: dict[tuple[str, str], PairScores]) -> Looks:
    looks = Looks(pairs, margin=1.0, alpha=0.05, max_seeds=10)
    while looks.undecided:
        looks.look(pairs)
    return looks


def test_each_pair_stops_when_it_is_decided() -> None:
    pairs = {("lost", "m"): pair(20.0), ("kept", "m"): pair(-5.0, seed=1), ("near", "m"): pair(1.0, seed=2)}
    looks = follow(pairs)
    found = {finding.task: finding for finding in looks.findings()}
    assert [found[task].verdict for task in ("lost", "kept")] == [Verdict.WORSE, Verdict.NOT_WORSE]
    assert found["near"].verdict is Verdict.CANNOT_TELL
    assert looks.num_seeds["near", "m"] == 10
    assert max(looks.num_seeds["lost", "m"], looks.num_seeds["kept", "m"]) < 10
    assert found["lost"].num_seeds == (10, looks.num_seeds["lost", "m"])
    assert found["lost"].p_worse < 0.05


def test_a_mean_of_tasks_that_are_all_not_worse_is_not_worse() -> None:
    # One task is decided at once, so the mean's own last look is of the first few seeds of the other, which vary much.
    pairs = {("low", "m"): pair(0.0, seed_noise=0.01), ("high", "m"): pair(-3.0, seed_noise=2.0, seed=3)}
    (low, high, mean) = follow(pairs).findings()
    assert (low.verdict, high.verdict, mean.verdict) == (Verdict.NOT_WORSE,) * 3
    assert mean.reason == "Each of its tasks is not worse, so neither is their mean."


def test_a_mean_is_judged_by_seeds_that_all_its_pairs_have() -> None:
    pairs = {("lost", "m"): pair(20.0, seed_noise=0.1), ("near", "m"): pair(1.0, seed=2)}
    looks = follow(pairs)
    mean = next(finding for finding in looks.findings() if finding.task is None)
    assert mean.num_seeds == (10, looks.num_seeds["lost", "m"])


def test_a_pair_whose_seeds_fail_asks_for_no_more() -> None:
    pairs = {("near", "m"): pair(1.0)}
    looks = Looks(pairs, margin=1.0, alpha=0.05, max_seeds=10)
    looks.give_up(("near", "m"))
    assert looks.undecided == []
    looks.look(pairs)
    assert looks.findings()[0].num_seeds == (10, FIRST_LOOK)


def test_p_values_count_all_looks() -> None:
    pairs = {("near", "m"): pair(1.2, seed_noise=0.1)}
    looks = follow(pairs)
    (found,), number = looks.findings(), looks.num_seeds["near", "m"]
    (alone,) = judge({("near", "m"): first_seeds(pairs["near", "m"], number)}, margin=1.0, alpha=0.05)
    assert alone.p_worse is not None
    assert found.p_worse == pytest.approx(over_looks(alone.p_worse, num_tests=1, max_seeds=10))
    assert found.p_worse > alone.p_worse > 0
