"""A confusion matrix: how often each label was predicted for each true one."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from reports.plots.hover import hover
from reports.plots.panels import GAP_INCHES, NAME_POINTS, panel, text_inches
from reports.plots.view import Drawing, distinct, short

MAX_LABELS = 12
LABEL_LENGTH = 16
CELL_INCHES = 0.56
SHADE = (0.0, 0x72 / 255, 0xB2 / 255)
DARKEST = 0.65
"""The opacity of a whole row in one cell: text reads on it, be it black on white or white on black."""


def draw(counts: Sequence[Sequence[int]], labels: Sequence[str]) -> Drawing | None:
    """Return the matrix of counts, a row a true label and a column a predicted one, shaded by its fraction of the row.

    Of more than ``MAX_LABELS`` labels, the ones that are rarest among the true ones are counted together.
    """
    matrix = np.array(counts, dtype=np.int64)  # (true labels, predicted labels)
    if not matrix.sum():
        return None
    assert matrix.shape == (len(labels), len(labels)), "a confusion matrix is square"
    matrix, names = _together(matrix, [short(label, length=LABEL_LENGTH) for label in labels])
    widest, side = text_inches(names), CELL_INCHES * len(names)
    turned = widest > CELL_INCHES - 0.06
    top = 0.4 + (widest * 0.7 if turned else 0.0)
    right = max(0.12, widest * 0.72 - CELL_INCHES / 2) if turned else 0.12
    figure = panel((side, side), left=widest + GAP_INCHES + 0.28, bottom=0.08, top=top, right=right)
    axes = figure.axes[0]
    _draw_cells(axes, matrix, names)
    axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(names) - 0.5, -0.5), ylabel="true label")
    axes.set_yticks(range(len(names)), names, fontsize=NAME_POINTS)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xticks(range(len(names)), names, fontsize=NAME_POINTS)
    if turned:
        axes.set_xticks(range(len(names)), names, rotation=45, ha="left", rotation_mode="anchor", fontsize=NAME_POINTS)
    axes.set_xlabel("predicted label")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for side_name in ("left", "bottom"):
        axes.spines[side_name].set_visible(False)
    fraction = float(np.trace(matrix) / matrix.sum())
    alt = (
        f"Counts of predictions by true and predicted label; {100 * fraction:.1f} % of {matrix.sum():,} are on the "
        "diagonal."
    )
    notes = ("Counts; the shade is the fraction of the row",)
    return Drawing(figure=figure, alt=alt, notes=notes)


def _draw_cells(axes: Axes, matrix: NDArray[np.int64], names: Sequence[str]) -> None:
    fractions = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    for (y, x), count in np.ndenumerate(matrix):
        colour = (*SHADE, DARKEST * float(fractions[y, x]))
        text = f"{names[y]} predicted as {names[x]}: {count:,}, {100 * fractions[y, x]:.1f} % of {names[y]}"
        gid = hover("", text) if count else None
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, linewidth=0, gid=gid))
        axes.text(x, y, f"{count:,}", ha="center", va="center_baseline", fontsize=NAME_POINTS)


def _together(matrix: NDArray[np.int64], names: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Sum up the rows and the columns of those labels that have no row of their own."""
    if len(names) <= MAX_LABELS:
        return matrix, distinct(names)
    kept = sorted(np.argsort(-matrix.sum(axis=1), kind="stable")[: MAX_LABELS - 1].tolist())
    position = np.full(len(names), len(kept))
    position[kept] = range(len(kept))
    joint = np.zeros((MAX_LABELS, MAX_LABELS), dtype=np.int64)
    np.add.at(joint, (position[:, None], position[None, :]), matrix)
    return joint, [*distinct(names[index] for index in kept), f"{len(names) - len(kept)} others"]
