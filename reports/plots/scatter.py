"""Predicted against true numbers, with the line on which they are equal."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import to_rgb

from reports.plots.canvas import RULE
from reports.plots.hover import hover
from reports.plots.panels import panel
from reports.plots.view import Drawing, Style

MAX_POINTS = 400


def draw(predicted: Sequence[float], true: Sequence[float], style: Style) -> Drawing | None:
    """Return a dot an example of one model, at most ``MAX_POINTS``, taken evenly from those given."""
    points = np.stack([np.asarray(true, float), np.asarray(predicted, float)], axis=-1)  # (examples, 2)
    known = points[np.isfinite(points).all(axis=-1)]
    if not len(known):
        return None
    shown = known[np.linspace(0, len(known) - 1, min(len(known), MAX_POINTS)).round().astype(int)]
    low, high = float(known.min()), float(known.max())
    margin = 0.04 * (high - low) or 0.5
    limits = (low - margin, high + margin)
    figure = panel((3.0, 3.0), left=0.55, bottom=0.45)
    axes = figure.axes[0]
    axes.plot(limits, limits, color=RULE, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
    axes.plot(
        *shown.T,
        linestyle="none",
        marker=style.marker,
        markersize=4.5,
        markerfacecolor=(*to_rgb(style.colour), 0.4),
        markeredgewidth=0,
        gid=hover("", *(f"true {x:.4g}, predicted {y:.4g}" for x, y in shown)),
    )
    axes.set(xlim=limits, ylim=limits, xlabel="true", ylabel="predicted")
    axes.locator_params(nbins=6)
    notes = ["Dashed: predicted equals true"]
    notes += [f"{len(shown):,} of {len(known):,} examples"] if len(shown) < len(known) else []
    notes += [f"predictions that are not a number: {len(points) - len(known):,}"] if len(known) < len(points) else []
    error = float(np.abs(known[:, 1] - known[:, 0]).mean())
    alt = f"Predicted against true number of {len(shown):,} examples; the mean distance of the two is {error:.2f}."
    return Drawing(figure=figure, alt=alt, notes=("; ".join(notes),))
