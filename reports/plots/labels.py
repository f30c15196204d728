"""Labels of points that neither overlap one another nor hide a point: the nearest free place, always the same one."""

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


def place_labels(
    figure: Figure, axes: Axes, labels: Sequence[PointLabel], *, around: Sequence[tuple[float, float]] = ()
) -> list[Annotation]:
    """Write a label beside each point and off the line ``around``, whose parts run along the axes.

    A label that stands far off is tied to its point by a thin line.
    The figure is laid out first and its layout then frozen, as places are found in pixels.
    """
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    renderer, pixels = canvas.get_renderer(), figure.dpi / 72  # type: ignore[no-untyped-call]
    room = axes.get_window_extent(renderer)
    centres = [axes.transData.transform((label.x, label.y)) for label in labels]
    taken = [Bbox.from_bounds(x, y, 0, 0).padded(POINT_RADIUS_POINTS * pixels) for x, y in centres]
    corners = [axes.transData.transform(corner) for corner in around]
    taken += [Bbox([np.minimum(a, b), np.maximum(a, b)]).padded(1.5 * pixels) for a, b in pairwise(corners)]
    annotations = []
    for label, centre in sorted(zip(labels, centres, strict=True), key=lambda pair: (-pair[1][1], pair[1][0])):
        point = (label.x, label.y)
        text = axes.annotate(label.text, point, (0, 0), textcoords="offset points", fontsize=8.5, va="bottom")
        extent = text.get_window_extent(renderer)
        place = _free_place(centre, np.array([extent.width, extent.height]), taken, room, pixels)
        side, edge = _side(place, centre)
        text.set_horizontalalignment(side)
        text.xyann = ((edge - centre[0]) / pixels, (place.y0 - centre[1]) / pixels)
        near = np.clip(centre, place.min, place.max) - centre
        if np.hypot(*near) > DISTANCES_POINTS[2] * pixels:
            line = {"arrowstyle": "-", "color": RULE, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 4}
            axes.annotate("", point, tuple(near / pixels), textcoords="offset points", arrowprops=line)
        taken.append(place)
        annotations.append(text)
    return annotations


def _side(place: Bbox, centre: Pixels) -> tuple[Literal["left", "right", "center"], float]:
    """Return where to hold the text and at which x, so that one in a narrower font stays as near to its point."""
    if place.x0 >= centre[0]:
        return "left", place.x0
    if place.x1 <= centre[0]:
        return "right", place.x1
    return "center", (place.x0 + place.x1) / 2


def _free_place(centre: Pixels, size: Pixels, taken: Sequence[Bbox], room: Bbox, pixels: float) -> Bbox:
    """Return the first place in the axes that overlaps nothing; failing that, the one that overlaps least."""
    angles, distances = np.radians(ANGLES_DEGREES), np.array(DISTANCES_POINTS) * pixels
    towards = np.stack([np.cos(angles), np.sin(angles)], axis=-1)  # (angles, 2)
    middles = centre + towards * (distances[:, None, None] + size / 2)  # (distances, angles, 2)
    low = (middles - size / 2).reshape(-1, 2)  # (places, 2), the nearest first
    inside = np.all((low >= room.min) & (low + size <= room.max), axis=-1)
    low = low[inside] if inside.any() else low
    mins, maxs = np.array([box.min for box in taken]), np.array([box.max for box in taken])  # (taken, 2)
    shared = np.minimum(low[:, None] + size, maxs) - np.maximum(low[:, None], mins)  # (places, taken, 2)
    areas = np.prod(shared.clip(min=0.0), axis=-1).sum(axis=-1)
    first = low[int(np.argmin(areas))]
    return Bbox([first, first + size])
