"""A model's scores on one task: by seed, and on resamples of the examples."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness.api.metric import Floats

Indices = NDArray[np.intp]


ALPHA = 0.05


POWER = 0.8


ROUNDING = 1e-9
"""In points: scores that differ by less are equal, as sums of the same numbers in another order are."""


BOUND = 0.6
"""The confidence of the upper bound of the seeds' variance that the degrees of freedom rest on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scores:
    """One model's score on one task: (S,), one a seed, and the same on R resamples of the examples, (S, R).

    All models' resamples are the same. ``bounds`` are the least and the largest score that there can be.
    """

    seeds: Floats
    resampled: Floats
    num_examples: int
    bounds: tuple[float, float]
    lender: "Scores | None" = None
    """Whose seeds' unrest stands for this one's where it is the larger; of the same recipe, and with more seeds."""

    @property
    def value(self) -> float:
        """The mean over seeds."""
        return float(self.seeds.mean())

    @cached_property
    def mean_resampled(self) -> Floats:
        """The mean over seeds on each resample, less its own mean, (R,)."""
        centred: Floats = self.resampled - self.resampled.mean(axis=1, keepdims=True)
        mean: Floats = centred.mean(axis=0)
        return mean

    @property
    def borrows(self) -> bool:
        """Whether its lender's unrest stands for its own."""
        return self._restless is not self

    @cached_property
    def _restless(self) -> "Scores":
        if self.lender is None or len(self.lender.seeds) == 1:
            return self
        return self if len(self.seeds) > 1 and self.seeds.var(ddof=1) > self.lender.seeds.var(ddof=1) else self.lender

    @property
    def spread(self) -> int:
        """How many degrees of freedom the seeds' variance has; 0 with one seed, which tells nothing of it."""
        return len(self._restless.seeds) - 1

    @cached_property
    def seed_variance(self) -> float:
        """Of the mean: the part of the seeds; 0 with one and no lender."""
        return float(self._restless.seeds.var(ddof=1)) / len(self.seeds) if self.spread else 0.0

    @cached_property
    def own_variance(self) -> float:
        """Of the mean over seeds: the part of the examples in which seeds differ, and not as they all do."""
        if not self.spread:
            return 0.0
        resampled = self._restless.resampled
        apart = resampled - resampled.mean(axis=0)
        return float(apart.var(axis=1, ddof=1).sum()) / self.spread / len(self.seeds)
