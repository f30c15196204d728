"""Scores by slice of a task's examples, such as their length, their label or a phenomenon: a row a slice.

Marks and not bars: twelve models side by side would be a wall of bars, and a model keeps its mark from plot to plot.
"""

from collections.abc import Mapping
from math import isnan

from reports.plots.canvas import BAND
from reports.plots.panels import (
    GAP_INCHES,
    left_out_note,
    legend_below,
    legend_inches,
    name_rows,
    panel,
    text_inches,
    with_style,
)
from reports.plots.view import Drawing, Style, distinct, short

Slices = Mapping[str, Mapping[str, tuple[float, int]]]
"""By the slice's name and the model's label: the score in percent and the number of examples."""

MAX_SLICES = 40
WIDTH_INCHES = 3.8


def draw(slices: Slices, styles: Mapping[str, Style], *, axis: str = "score (%)") -> Drawing | None:
    """Return the models that have a style, side by side on each slice's row, in the order given."""
    sizes = {name: max((count for _, count in scores.values()), default=0) for name, scores in slices.items()}
    largest = sorted(sizes, key=lambda name: -sizes[name])[:MAX_SLICES]
    kept = [name for name in slices if name in set(largest)]
    everyone = {label: label for name in kept for label in slices[name]}
    shown = list(with_style(everyone, styles))
    if not shown:
        return None
    names = distinct(f"{short(name, length=28)} ({sizes[name]:,})" for name in kept)
    looks = [styles[label] for label in shown]
    row_inches = max(0.28, 0.07 * (len(shown) + 1))
    left = text_inches(names) + GAP_INCHES
    legend_height = legend_inches(looks, left + WIDTH_INCHES)
    figure = panel((WIDTH_INCHES, row_inches * len(kept)), left=left, bottom=0.45 + legend_height)
    axes = figure.axes[0]
    for y in range(0, len(kept), 2):
        axes.axhspan(y - 0.5, y + 0.5, color=BAND, zorder=0, linewidth=0)
    for index, (label, style) in enumerate(zip(shown, looks, strict=True)):
        offset = 0.76 * ((index + 0.5) / len(shown) - 0.5)
        marks = [(slices[name][label][0], y + offset) for y, name in enumerate(kept) if label in slices[name]]
        marks = [mark for mark in marks if not isnan(mark[0])]
        axes.plot(*zip(*marks, strict=True), color=style.colour, marker=style.marker, linestyle="none") if marks else []
    name_rows(axes, names)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(axis)
    axes.locator_params(axis="x", nbins=6)
    legend_below(figure, looks)
    notes = ["In brackets: the number of examples", left_out_note(len(shown), len(everyone))]
    notes += [f"the largest {len(kept)} of {len(slices)} slices"] if len(kept) < len(slices) else []
    alt = f"{axis} of {len(shown)} models on each of {len(kept)} slices of the examples."
    return Drawing(figure=figure, alt=alt, notes=("; ".join(filter(None, notes)),))
