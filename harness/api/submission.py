"""The official files of predictions of a task, as values."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from harness.api.example import Prediction
from harness.api.metric import Metric


@dataclass(frozen=True, kw_only=True)
class TableFormat:
    """A tab-separated file a split, header ``index<TAB>prediction``, as the GLUE site asks.

    ``files`` maps each split that such a file may be about to its name; a file may stand for several splits. ``words``
    are what is written for each label, in the order of the task's labels, or empty for numbers. Numbers lie within
    ``bounds`` and are rounded to ``decimals`` places: jiant, the code of GLUE's authors, writes STS-B as ``%.3f``,
    clipped to 0..5, and the site refuses what lies outside. ``split_metrics`` are those of splits that have metrics of
    their own.
    """

    files: Mapping[str, str]
    words: tuple[str, ...] = ()
    bounds: tuple[float, float] = (-math.inf, math.inf)
    decimals: int = 3
    split_metrics: Mapping[str, tuple[Metric, ...]] = field(default_factory=dict)

    def kept(self, prediction: Prediction) -> Prediction:
        """Return what a table keeps of a prediction: its label, or the number as it is written."""
        if self.words:
            return Prediction(value=prediction.value)
        (low, high), number = self.bounds, cast(float, prediction.value)
        return Prediction(value=round(min(max(low, float(number)), high), self.decimals))


@dataclass(frozen=True, kw_only=True)
class AnswersFormat:
    """One JSON object from question id to answer, as the SQuAD scripts ask; ``""`` means no answer."""


SubmissionFormat = TableFormat | AnswersFormat
