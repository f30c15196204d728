"""Scores with their 95 % intervals: a dot and a whisker a model, the best first."""

from collections.abc import Mapping

from harness.statistics import Estimate
from reports.plots.view import Drawing, Style


def draw(estimates: Mapping[str, Estimate], styles: Mapping[str, Style], *, axis: str = "score (%)") -> Drawing | None:
    """Return the ``MAX_ROWS`` best models; those without a style are drawn plainly."""
    raise NotImplementedError
