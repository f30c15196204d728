import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.analysis.shifts import ALPHA, Noise, find_shifts, seed_variance

KNOWN = Noise(variances=[1.0] * 10, freedom=1e6)


def test_a_step_is_found_where_it_is() -> None:
    values = [50.1, 49.2, 50.6, 49.8, 43.9, 44.8, 44.1, 44.4, 43.6, 44.2]
    steps = find_shifts(values, KNOWN)
    (shift,) = steps.shifts
    assert shift.index == 4
    assert (shift.before, shift.after) == (pytest.approx(49.925), pytest.approx(44.1667, abs=1e-3))
    assert shift.p_value < 1e-6
    assert steps.levels == (shift.before,) * 4 + (shift.after,) * 6


def test_several_steps() -> None:
    steps = find_shifts([50, 51, 40, 41, 40, 41, 40, 60, 61, 60], KNOWN)
    assert [shift.index for shift in steps.shifts] == [2, 7]


def test_an_uncertain_point_counts_less() -> None:
    values = [50, 50, 50, 50, 50, 50, 50, 50, 50, 57]
    assert [shift.index for shift in find_shifts(values, KNOWN).shifts] == [9]
    uncertain = Noise(variances=[1.0] * 9 + [25.0], freedom=1e6)
    assert find_shifts(values, uncertain).shifts == ()


def test_what_does_not_vary_shifts_with_any_change() -> None:
    steps = find_shifts([40.0, 40.0, 41.0, 41.0], Noise(variances=[0.0] * 4, freedom=1.0))
    assert [(shift.index, shift.before, shift.after) for shift in steps.shifts] == [(2, 40.0, 41.0)]
    assert find_shifts([40.0, 40.0 + 1e-12], Noise(variances=[0.0] * 2, freedom=1.0)).shifts == ()
    assert find_shifts([40.0], Noise(variances=[0.0], freedom=1.0)).levels == (40.0,)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12), st.floats(0.01, 10))
def test_levels_are_those_of_the_shifts(values: list[float], variance: float) -> None:
    steps = find_shifts(values, Noise(variances=[variance] * len(values), freedom=5.0))
    assert len(steps.levels) == len(values)
    assert all(min(values) - 1e-9 <= level <= max(values) + 1e-9 for level in steps.levels)
    for shift in steps.shifts:
        assert (steps.levels[shift.index - 1], steps.levels[shift.index]) == (shift.before, shift.after)
        assert shift.p_value < ALPHA


def simulate(rng: np.random.Generator, num_runs: int, num_seeds: int, *, drop: float = 0.0) -> bool:
    """Return whether a series of runs whose seeds have deviation 1 shows a shift; it drops in the middle."""
    levels = [0.0] * (num_runs // 2) + [-drop] * (num_runs - num_runs // 2)
    seeds = [rng.normal(level, 1.0, num_seeds) for level in levels]
    variance, freedom = seed_variance(seeds)
    noise = Noise(variances=[variance / num_seeds] * num_runs, freedom=freedom)
    return bool(find_shifts([float(values.mean()) for values in seeds], noise).shifts)


@pytest.mark.parametrize(("num_runs", "num_seeds"), [(3, 1), (8, 1), (20, 1), (3, 2), (5, 3), (20, 3)])
def test_a_level_series_shows_a_shift_in_one_of_twenty_at_most(num_runs: int, num_seeds: int) -> None:
    rng = np.random.default_rng([num_runs, num_seeds])
    shares = sum(simulate(rng, num_runs, num_seeds) for _ in range(600)) / 600
    assert shares <= 0.05 + 2 * (0.05 * 0.95 / 600) ** 0.5


def test_a_drop_is_found() -> None:
    rng = np.random.default_rng(0)
    assert sum(simulate(rng, 8, 3, drop=2.5) for _ in range(100)) >= 90
    assert sum(simulate(rng, 12, 1, drop=5.0) for _ in range(100)) >= 90
