"""Labels of points that overlap neither one another nor a point: the nearest free position, always the same one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from reports.plots.canvas import RULE

DISTANCES_POINTS = (7, 12, 18, 26, 36, 48, 62, 78, 96, 120, 150)
ANGLES_DEGREES = (0, 180, 90, 270, 45, 135, 315, 225, 20, 160, 340, 200)
POINT_RADIUS_POINTS = 4.5

Pixels = NDArray[np.float64]
"""A point or a size, shape (2,)."""


@dataclass(frozen=True, kw_only=True)
class PointLabel:
    """A point in data coordinates and what to write beside it."""

    x: float
    y: float
    text: str
    gid: str | None = None
    """The id of the text in an SVG."""


def place_labels(
    figure: Figure, axes: Axes, labels: Sequence[PointLabel], *, around: Sequence[Sequence[tuple[float, float]]] = ()
) -> list[Annotation]:
    """Write a label beside each point and off the lines ``around``, whose parts run along the axes.

    A label that stands far off is tied to its point by a thin line.
    The figure is laid out first and its layout then frozen, as positions are found in pixels.
    """
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    renderer, pixels = canvas.get_renderer(), figure.dpi / 72  # type: ignore[no-untyped-call]
    bounds = axes.get_window_extent(renderer)
    centres = [axes.transData.transform((label.x, label.y)) for label in labels]
    taken = [Bbox.from_bounds(x, y, 0, 0).padded(POINT_RADIUS_POINTS * pixels) for x, y in centres]
    for line in around:
        corners = [axes.transData.transform(corner) for corner in line]
        taken += [Bbox([np.minimum(a, b), np.maximum(a, b)]).padded(1.5 * pixels) for a, b in pairwise(corners)]
    annotations = []
    for label, centre in sorted(zip(labels, centres, strict=True), key=lambda pair: (-pair[1][1], pair[1][0])):
        point = (label.x, label.y)
        text = axes.annotate(label.text, point, (0, 0), textcoords="offset points", fontsize=8.5, va="bottom")
        text.set_gid(label.gid)
        extent = text.get_window_extent(renderer)
        position = _free_position(centre, np.array([extent.width, extent.height]), taken, bounds, pixels)
        side, edge = _side(position, centre)
        text.set_horizontalalignment(side)
        text.xyann = ((edge - centre[0]) / pixels, (position.y0 - centre[1]) / pixels)
        near = np.clip(centre, position.min, position.max) - centre
        if np.hypot(*near) > DISTANCES_POINTS[2] * pixels:
            tie = {"arrowstyle": "-", "color": RULE, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 4}
            axes.annotate("", point, tuple(near / pixels), textcoords="offset points", arrowprops=tie)
        taken.append(position)
        annotations.append(text)
    return annotations


def _side(position: Bbox, centre: Pixels) -> tuple[Literal["left", "right", "center"], float]:
    """Return where to hold the text and at which x, so that one in a narrower font stays as near to its point."""
    if position.x0 >= centre[0]:
        return "left", position.x0
    if position.x1 <= centre[0]:
        return "right", position.x1
    return "center", (position.x0 + position.x1) / 2


def _free_position(centre: Pixels, size: Pixels, taken: Sequence[Bbox], bounds: Bbox, pixels: float) -> Bbox:
    """Return the first position in the axes that overlaps nothing; failing that, the one that overlaps least."""
    angles, distances = np.radians(ANGLES_DEGREES), np.array(DISTANCES_POINTS) * pixels
    towards = np.stack([np.cos(angles), np.sin(angles)], axis=-1)  # (angles, 2)
    middles = centre + towards * (distances[:, None, None] + size / 2)  # (distances, angles, 2)
    low = (middles - size / 2).reshape(-1, 2)  # (positions, 2), the nearest first
    inside = np.all((low >= bounds.min) & (low + size <= bounds.max), axis=-1)
    low = low[inside] if inside.any() else low
    mins, maxs = np.array([box.min for box in taken]), np.array([box.max for box in taken])  # (taken, 2)
    shared = np.minimum(low[:, None] + size, maxs) - np.maximum(low[:, None], mins)  # (positions, taken, 2)
    areas = np.prod(shared.clip(min=0.0), axis=-1).sum(axis=-1)
    first = low[int(np.argmin(areas))]
    return Bbox([first, first + size])
