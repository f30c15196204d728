"""A metric: what it is called, how it is computed, and how fast on many resamples."""

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
"""From weights of the examples, (R, N), to figures of M models, (M, R) each: see :mod:`harness.metrics.resampled`."""


UNBOUNDED = (-math.inf, math.inf)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """Figures that are computed in one go from the answers to one split.

    ``figures`` enter a task's score (their mean does); what else ``compute`` returns is reported beside them.
    ``resample``, given the answers of some models, returns a function that computes their figures on many resamples at
    once; without it, ``compute`` is called on each, which is slow. ``bounds`` are a figure's least and largest value.
    """

    figures: tuple[str, ...]
    compute: Compute
    resample: Callable[[Sequence[Sequence[Prediction]], Sequence[Example]], Resampled] | None = None
    bounds: tuple[float, float] = UNBOUNDED
