"""Learning curves: the training loss by optimizer step, smoothed, a panel a task and a line a model."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from harness.results import Result
from reports.plots.canvas import grid_of_axes, legend, sheet
from reports.plots.view import Drawing, Plot, View, short

MAX_POINTS = 200
WINDOWS = 15
"""Each point is the mean over a window of this fraction of the steps."""


def draw(view: View) -> Drawing | None:
    """Return the curves of each pair's lowest seed."""
    return _draw(view, view.tasks, notes=[view.tasks_note])


def draw_task(view: View, task: str) -> Drawing | None:
    """Return the curves of one task alone."""
    return _draw(view, [task], notes=[])


def _draw(view: View, asked: Sequence[str], *, notes: Iterable[str]) -> Drawing | None:
    curves = {
        (task, label): results[0]
        for task in asked
        for label in view.styles
        if (results := view.evidence.results.get((task, label))) and len(results[0].history.losses) > 1
    }
    if not curves:
        return None
    tasks = [task for task in asked if any(task == curve_task for curve_task, _ in curves)]
    labels = [label for label in view.styles if any(label == curve_label for _, curve_label in curves)]
    seeds = sorted({result.seed for result in curves.values()})
    said = [f"Lowest seed of each pair ({', '.join(map(str, seeds))}); running mean over 1/{WINDOWS} of the steps"]
    said += filter(None, [view.models_note, *notes])
    num_columns = min(len(tasks), 4 if len(tasks) > 9 else 3)
    num_rows = -(-len(tasks) // num_columns)
    size = (2.6 + max(2.4 * num_columns, 4.0), 0.4 + max(1.9 * num_rows, 2.2))
    figure = sheet(view, title=PLOT.title, notes=said, size=size)
    for axes, task in zip(grid_of_axes(figure, len(tasks), num_columns=num_columns), tasks, strict=True):
        _draw_task(axes, view, task, {label: curves[task, label] for label in labels if (task, label) in curves})
    figure.supxlabel("optimizer step", fontsize=9)
    figure.supylabel("training loss", fontsize=9)
    legend(figure, [view.styles[label] for label in labels], lines="solid")
    return Drawing(figure=figure, alt=PLOT.alt, notes=tuple(said))


def _draw_task(axes: Axes, view: View, task: str, curves: dict[str, Result]) -> None:
    for index, (label, result) in enumerate(curves.items()):
        steps, losses = smoothed(np.array(result.history.losses))
        style = view.styles[label]
        every = (0.02 + 0.2 * index / len(curves), 0.2)  # of the axes' diagonal: markers of two curves do not coincide
        axes.plot(
            steps, losses, color=style.colour, linewidth=1.1, marker=style.marker, markersize=4.5, markevery=every
        )
    axes.set_title(short(view.evidence.task_title(task), length=26), fontsize=9)
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.locator_params(axis="x", nbins=4)
    axes.locator_params(axis="y", nbins=4)
    axes.tick_params(labelsize=7.5)


def smoothed(losses: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return steps and the running mean of the loss over the window that ends at each, at most ``MAX_POINTS`` of them.

    ``losses`` has shape (steps,). The first windows are shorter, so that the curve begins at the first step.
    """
    window = max(1, len(losses) // WINDOWS)
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    ends = np.unique(np.linspace(1, len(losses), min(MAX_POINTS, len(losses))).round().astype(np.int64))
    starts = np.maximum(ends - window, 0)
    return ends, (sums[ends] - sums[starts]) / (ends - starts)


PLOT = Plot(
    name="learning-curves",
    title="Learning curves",
    alt="Training loss by optimizer step, smoothed, one panel a task and one line a model.",
    needs="no model was trained step by step",
    draw=draw,
)
