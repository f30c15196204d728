"""A metric: what it is called, how it is computed, how fast on many resamples, and which way is better."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.api.example import Example, Prediction

Values = NDArray[Any]
Floats = NDArray[np.float64]

Compute = Callable[[Sequence[Prediction], Sequence[Example]], Mapping[str, float]]
Resampled = Callable[[Floats], Mapping[str, Floats]]
"""From weights of the examples, (R, N), to values of M models, (M, R) each: see :mod:`harness.metrics.resampled`."""

UNBOUNDED = (-math.inf, math.inf)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """Values that are computed in one go from the predictions on one split.

    Those called ``names`` enter a task's score (their mean does); what else ``compute`` returns is reported beside
    them. ``resample``, given the predictions of some models, returns a function that computes their values on many
    resamples at once; without it, ``compute`` is called on each, which is slow. ``bounds`` are a value's least and
    largest, in its ``unit``. All metrics of a task have one unit and one direction.
    """

    names: tuple[str, ...]
    compute: Compute
    resample: Callable[[Sequence[Sequence[Prediction]], Sequence[Example]], Resampled] | None = None
    bounds: tuple[float, float] = UNBOUNDED
    unit: str = "%"
    is_mean: bool = False
    """Whether a value is the mean over the examples of how right each prediction is, from 0 to its largest."""
    higher_is_better: bool = True
