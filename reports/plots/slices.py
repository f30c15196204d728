"""Scores by slice of a task's examples, such as their length, their label or a phenomenon: a row a slice."""

from collections.abc import Mapping

from reports.plots.view import Drawing, Style

Slices = Mapping[str, Mapping[str, tuple[float, int]]]
"""By the slice's name and the model's label: the score in percent and the number of examples."""


def draw(slices: Slices, styles: Mapping[str, Style]) -> Drawing | None:
    """Return the models that have a style, side by side on each slice's row."""
    raise NotImplementedError
