"""Predicted against true numbers, with the line on which they are equal."""

from collections.abc import Sequence

from reports.plots.view import Drawing, Style


def draw(predicted: Sequence[float], true: Sequence[float], style: Style) -> Drawing | None:
    """Return a dot an example of one model, at most ``MAX_POINTS``, taken evenly."""
    raise NotImplementedError
