"""Where the level of a series shifted: binary segmentation on weighted means.

The most telling split of the series is tested: the difference of the weighted means beside it over its standard error,
the largest over all splits (Hawkins 1977, "Testing a sequence of observations for a shift in location"), with
Bonferroni's correction for their number. If it is beyond noise, both parts are searched in turn (Scott and Knott
1974). So a series whose level is constant, and whose noise is known, shows a shift with probability ``ALPHA`` at most,
whatever its length; where the noise is estimated from few seeds, with about that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isinf, sqrt

import numpy as np
from numpy.typing import NDArray

ALPHA = 0.05
EQUAL = 1e-9
"""Two levels that are nearer than this, in points, are one."""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """The first point of a new level, the levels before and from it on, and how likely noise alone shows as much."""

    index: int
    before: float
    after: float
    p_value: float
    """Corrected for the number of splits of the series."""


@dataclass(frozen=True, kw_only=True)
class Noise:
    """What is known of the variance of each point of a series."""

    variances: Sequence[float]
    """All positive, or all zero: then every change is one of the level."""
    freedom: float
    """Degrees of freedom with which they are known."""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """A series as levels: that at each point, and where it shifted, in order."""

    levels: tuple[float, ...]
    shifts: tuple[Shift, ...]


def find_shifts(values: Sequence[float], noise: Noise) -> Steps:
    """Return the levels of a series of one point or more, and the points where they shifted."""
    series = np.array(values, dtype=np.float64)
    variances = np.array(noise.variances, dtype=np.float64)
    known = bool(variances.any())
    test = _Test(series, 1 / variances if known else np.ones_like(series), noise.freedom if known else inf, known=known)
    bounds, p_values = [0, *test.bounds(0, len(series)), len(series)], dict[int, float]()
    for position in range(1, len(bounds) - 1):
        # Now that the neighbours are known, the shift between them may lie elsewhere.
        bounds[position], p_value = test.best(bounds[position - 1], bounds[position + 1])
        p_values[bounds[position]] = p_value
    kept = [0, *(index for index, p_value in p_values.items() if p_value < ALPHA), len(series)]
    levels = [test.mean(start, end) for start, end in pairwise(kept)]
    shifts = [
        Shift(index=index, before=before, after=after, p_value=p_values[index])
        for index, (before, after) in zip(kept[1:-1], pairwise(levels), strict=True)
    ]
    lengths = [end - start for start, end in pairwise(kept)]
    return Steps(levels=tuple(np.repeat(levels, lengths).tolist()), shifts=tuple(shifts))


class _Test:
    """The test of every split of a part of a series."""

    def __init__(
        self, values: NDArray[np.float64], weights: NDArray[np.float64], freedom: float, *, known: bool
    ) -> None:
        self._sums = np.concatenate([[0.0], np.cumsum(values * weights)])
        self._weights = np.concatenate([[0.0], np.cumsum(weights)])
        self._freedom, self._known = freedom, known
        self._num_splits = max(len(values) - 1, 1)

    def mean(self, start: int, end: int) -> float:
        """Return the weighted mean of a part."""
        return float((self._sums[end] - self._sums[start]) / (self._weights[end] - self._weights[start]))

    def best(self, start: int, end: int) -> tuple[int, float]:
        """Return the most telling split of a part, and its corrected p-value."""
        from scipy import stats

        found = max(range(start + 1, end), key=lambda split: self._statistic(start, split, end))
        statistic = self._statistic(start, found, end)
        if not self._known:
            return found, 0.0 if abs(self.mean(start, found) - self.mean(found, end)) > EQUAL else 1.0
        reach = stats.norm.sf(statistic) if isinf(self._freedom) else stats.t.sf(statistic, self._freedom)
        return found, min(1.0, 2 * float(reach) * self._num_splits)

    def bounds(self, start: int, end: int) -> list[int]:
        """Return where the level of a part shifts."""
        if end - start < 2:
            return []
        split, p_value = self.best(start, end)
        return [*self.bounds(start, split), split, *self.bounds(split, end)] if p_value < ALPHA else []

    def _statistic(self, start: int, split: int, end: int) -> float:
        left, right = (self._weights[b] - self._weights[a] for a, b in ((start, split), (split, end)))
        return abs(self.mean(start, split) - self.mean(split, end)) / sqrt(1 / left + 1 / right)


def seed_variance(seeds: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return the variance of one seed's score, the same for all points, and its degrees of freedom.

    It is pooled over the points. With one seed each it comes from the differences of neighbours, which a shift enters
    but once (von Neumann et al. 1941).
    """
    freedom = sum(len(values) - 1 for values in seeds)
    if freedom:
        squares = sum(float(np.var(values)) * len(values) for values in seeds)
        return squares / freedom, float(freedom)
    count = len(seeds)
    if count < 2:
        return 0.0, 1.0
    steps = np.diff([values[0] for values in seeds])
    return float(np.mean(steps**2)) / 2, 2 * (count - 1) ** 2 / max(3 * count - 4, 1)
