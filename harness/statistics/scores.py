"""A model's scores on one task: by seed, and on resamples of the examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness.api.metric import Floats

Indices = NDArray[np.intp]


ALPHA = 0.05
"""The level of tests; intervals have a confidence of 1 - ALPHA."""
POWER = 0.8
"""Of the minimum detectable difference."""
ROUNDING = 1e-9
"""In points: scores that differ by less are equal, as sums of the same numbers in another order are."""
SEED_VARIANCE_CONFIDENCE = 0.6
"""The confidence of the upper bound of the seeds' variance that the degrees of freedom rest on."""


def unit_of(tasks: "Sequence[Scores]") -> str:
    """Return the unit of a mean over tasks; nothing where theirs differ."""
    units = {task.unit for task in tasks}
    return units.pop() if len(units) == 1 else ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scores:
    """One model's score on one task, S seeds, on the examples themselves and on R resamples of them.

    All models' resamples are the same, so that differences between models are paired. With a ``donor`` whose seeds
    vary more, the variances are those of the donor's seeds, for as many seeds as this model has:

    >>> many = Scores(seeds=np.array([60.0, 62.0, 64.0]), resampled=np.zeros((3, 9)), num_examples=9, bounds=(0, 100))
    >>> one = Scores(seeds=np.array([55.0]), resampled=np.zeros((1, 9)), num_examples=9, bounds=(0, 100), donor=many)
    >>> many.seed_variance  # of the mean of three: 4 / 3
    1.3333333333333333
    >>> one.seed_variance
    4.0
    """

    seeds: Floats
    """(S,), in the metric's own unit."""
    resampled: Floats
    """(S, R)."""
    num_examples: int
    bounds: tuple[float, float]
    """The least and the largest score that there can be; infinite where there is none."""
    higher_is_better: bool = True
    unit: str = "%"
    """Of the score, and of differences of two."""
    is_mean: bool = True
    """Whether a score is the mean over the examples of how right each prediction is, so that what holds of a fraction
    holds of it."""
    donor: "Scores | None" = None
    """Scores of the same recipe with more seeds, whose variances stand for these where their seeds vary more."""

    @property
    def goodness(self) -> float:
        """The mean over seeds, with the sign turned where lower is better: here, and nowhere else."""
        return self.value if self.higher_is_better else -self.value

    @property
    def value(self) -> float:
        """The mean over seeds."""
        return float(self.seeds.mean())

    @property
    def spread(self) -> float:
        """How far two scores can be apart."""
        return self.bounds[1] - self.bounds[0]

    @cached_property
    def num_apart(self) -> float:
        """On about how many examples not all seeds agree: the sum over seeds of squares of what each is apart."""
        apart = self.resampled - self.resampled.mean(axis=0)
        squares = self.num_examples**2 * apart.var(axis=1, ddof=1) + self.num_examples * self.seeds.var()
        return float(squares.sum()) / self.spread**2

    @cached_property
    def mean_resampled(self) -> Floats:
        """The mean over seeds on each resample, less its own mean, (R,)."""
        centred: Floats = self.resampled - self.resampled.mean(axis=1, keepdims=True)
        mean: Floats = centred.mean(axis=0)
        return mean

    @property
    def uses_donor(self) -> bool:
        """Whether the variances are the donor's."""
        return self._variance_source is not self

    @cached_property
    def _variance_source(self) -> "Scores":
        if self.donor is None or len(self.donor.seeds) == 1:
            return self
        return self if len(self.seeds) > 1 and self.seeds.var(ddof=1) > self.donor.seeds.var(ddof=1) else self.donor

    @property
    def seed_degrees_of_freedom(self) -> int:
        """The degrees of freedom of the seeds' variance; 0 with one seed, which tells nothing of it."""
        return len(self._variance_source.seeds) - 1

    @cached_property
    def seed_variance(self) -> float:
        """The variance of the mean over seeds that is due to the seeds; 0 with one seed and no donor."""
        if not self.seed_degrees_of_freedom:
            return 0.0
        return float(self._variance_source.seeds.var(ddof=1)) / len(self.seeds)

    @cached_property
    def interaction_variance(self) -> float:
        """The variance of the mean over seeds that is due to examples on which seeds differ (seed × example)."""
        if not self.seed_degrees_of_freedom:
            return 0.0
        resampled = self._variance_source.resampled
        apart = resampled - resampled.mean(axis=0)
        return float(apart.var(axis=1, ddof=1).sum()) / self.seed_degrees_of_freedom / len(self.seeds)
