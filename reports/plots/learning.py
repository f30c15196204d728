"""Learning curves: the training loss by optimizer step, smoothed, a panel a task and a line a model."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from harness.store.records import Result
from reports.plots.canvas import grid_of_axes, legend, sheet
from reports.plots.panels import legend_below, legend_inches, panel
from reports.plots.view import Drawing, Plot, View, short

MAX_POINTS = 200
WIDTH_INCHES, LEFT_INCHES = 4.6, 0.6
WINDOWS = 15
"""Each point is the mean over a window of this fraction of the steps."""


def draw(view: View) -> Drawing | None:
    """Return the curves of each pair, those of seeds after the lowest faint."""
    by_task = {task: curves for task in view.tasks if (curves := _curves(view, task))}
    if not by_task:
        return None
    labels = [label for label in view.styles if any(label in curves for curves in by_task.values())]
    notes = [_seeds_note(by_task.values()), view.models_note, view.tasks_note]
    num_columns = min(len(by_task), 4 if len(by_task) > 9 else 3)
    num_rows = -(-len(by_task) // num_columns)
    size = (2.6 + max(2.4 * num_columns, 4.0), 0.4 + 1.9 * num_rows)
    figure = sheet(view, title=PLOT.title, notes=notes, size=size)
    panels = grid_of_axes(figure, len(by_task), num_columns=num_columns)
    for axes, (task, curves) in zip(panels, by_task.items(), strict=True):
        _draw_curves(axes, view, curves)
        axes.set_title(short(view.evidence.task_title(task), length=26), fontsize=9)
        axes.tick_params(labelsize=7.5)
    figure.supxlabel("optimizer step", fontsize=9)
    figure.supylabel("training loss", fontsize=9)
    legend(figure, [view.styles[label] for label in labels], lines="solid")
    return Drawing(figure=figure, alt=PLOT.alt, notes=tuple(filter(None, notes)))


def draw_task(view: View, task: str) -> Drawing | None:
    """Return the curves of one task alone, without a header."""
    curves = _curves(view, task)
    if not curves:
        return None
    looks = [view.styles[label] for label in curves]
    legend_height = legend_inches(looks, LEFT_INCHES + WIDTH_INCHES)
    figure = panel((WIDTH_INCHES, 2.3), left=LEFT_INCHES, bottom=0.45 + legend_height)
    axes = figure.axes[0]
    _draw_curves(axes, view, curves)
    axes.set(xlabel="optimizer step", ylabel="training loss")
    legend_below(figure, looks)
    title = view.evidence.task_title(task)
    alt = f"Training loss on {title} by optimizer step, smoothed, a line a model."
    return Drawing(figure=figure, alt=alt, notes=tuple(filter(None, [_seeds_note([curves]), view.models_note])))


def _curves(view: View, task: str) -> dict[str, tuple[Result, ...]]:
    """Return the seeds of each model that was trained step by step."""
    found = {label: view.evidence.results.get((task, label), ()) for label in view.styles}
    stepwise = {label: tuple(r for r in results if len(r.losses) > 1) for label, results in found.items()}
    return {label: results for label, results in stepwise.items() if results}


def _seeds_note(by_task: Iterable[Mapping[str, Sequence[Result]]]) -> str:
    seeds = {result.seed for curves in by_task for results in curves.values() for result in results}
    shown = f"Seed {min(seeds)}" + (", the other seeds faint" if len(seeds) > 1 else "")
    return f"{shown}; smoothed over 1/{WINDOWS} of steps"


def _draw_curves(axes: Axes, view: View, curves: Mapping[str, Sequence[Result]]) -> None:
    for index, (label, (first, *others)) in enumerate(curves.items()):
        style = view.styles[label]
        steps, losses = smoothed(np.array(first.losses))
        every = (0.02 + 0.2 * index / len(curves), 0.2)  # of the axes' diagonal: markers of two curves do not coincide
        axes.plot(
            steps,
            losses,
            color=style.colour,
            linewidth=1.1,
            marker=style.marker,
            markersize=4.5,
            markevery=every,
            gid=view.gid(label, f"{label}, seed {first.seed}"),
        )
        for result in others:
            axes.plot(
                *smoothed(np.array(result.losses)),
                color=style.colour,
                linewidth=0.8,
                alpha=0.35,
                zorder=1.5,
                gid=view.gid(label, f"{label}, seed {result.seed}"),
            )
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.locator_params(axis="x", nbins=4)
    axes.locator_params(axis="y", nbins=4)


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
