"""Learning curves: the training loss by optimizer step, and the validation score by epoch where it is known."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from harness.metrics.validation import MOST_EXAMPLES
from harness.store.records import Result
from reports.plots.canvas import grid_of_axes, legend, sheet
from reports.plots.panels import legend_below, legend_inches, panel
from reports.plots.view import Drawing, Plot, Style, View, short

MAX_POINTS = 200
LEFT_INCHES, HEIGHT_INCHES = 0.6, 2.3
ALONE_INCHES, BESIDE_INCHES, GAP_INCHES = 4.6, 2.7, 0.75
"""How wide axes are: of the loss alone, of each beside the other, and what is between."""
WINDOWS = 15
"""Each point is the mean over a window of this fraction of the steps."""

Curves = Mapping[str, Sequence[Result]]
"""The seeds of each model."""
Points = tuple[NDArray[np.float64 | np.int64], NDArray[np.float64]]
"""Where a curve goes: x and y, (N,) each."""


def draw(view: View) -> Drawing | None:
    """Return the curves of each pair: those of seeds faint, their mean strong."""
    by_task = {task: curves for task in view.tasks if (curves := _curves(view, task))}
    if not by_task:
        return None
    scored = {task: found for task, curves in by_task.items() if (found := _scored(curves))}
    labels = [label for label in view.styles if any(label in curves for curves in by_task.values())]
    notes = [*_notes(list(by_task.values()), scored.values()), view.models_note, view.tasks_note]
    num_panels = len(by_task) + len(scored)
    num_columns = min(num_panels, 4 if scored or num_panels > 9 else 3)
    num_rows = -(-num_panels // num_columns)
    size = (2.6 + max(2.4 * num_columns, 4.0), 0.4 + 1.9 * num_rows)
    figure = sheet(view, title=PLOT.title, notes=notes, size=size)
    panels = iter(grid_of_axes(figure, num_panels, num_columns=num_columns))
    for task, curves in by_task.items():
        title = short(view.evidence.task_title(task), length=26 if not scored else 14)
        axes = next(panels)
        _draw_losses(axes, view, curves)
        axes.set_title(f"{title}: loss" if scored else title, fontsize=9)
        if task in scored:
            axes = next(panels)
            _draw_scores(axes, view, scored[task])
            axes.set_title(f"{title}: validation", fontsize=9)
    for axes in figure.axes:
        axes.tick_params(labelsize=7.5)
    figure.supxlabel("optimizer step; epoch" if scored else "optimizer step", fontsize=9)
    figure.supylabel("loss; score" if scored else "training loss", fontsize=9)
    legend(figure, [view.styles[label] for label in labels], lines="solid")
    return Drawing(figure=figure, alt=PLOT.alt, notes=tuple(filter(None, notes)))


def draw_task(view: View, task: str) -> Drawing | None:
    """Return the curves of one task alone, without a header."""
    curves = _curves(view, task)
    if not curves:
        return None
    scored = _scored(curves)
    width = 2 * BESIDE_INCHES + GAP_INCHES if scored else ALONE_INCHES
    looks = [view.styles[label] for label in curves]
    bottom = 0.45 + legend_inches(looks, LEFT_INCHES + width)
    figure = panel((width, HEIGHT_INCHES), left=LEFT_INCHES, bottom=bottom)
    axes = figure.axes[0]
    _draw_losses(axes, view, curves)
    axes.set(xlabel="optimizer step", ylabel="training loss")
    alt = f"Training loss on {view.evidence.task_title(task)} by optimizer step, smoothed, a line a model."
    if scored:
        box = axes.get_position()
        part = box.width / width  # of an inch
        axes.set_position((box.x0, box.y0, BESIDE_INCHES * part, box.height))
        left = box.x0 + (BESIDE_INCHES + GAP_INCHES) * part
        beside = figure.add_axes((left, box.y0, BESIDE_INCHES * part, box.height))
        _draw_scores(beside, view, scored)
        beside.set(xlabel="epoch", ylabel="validation score")
        alt += " Beside it, the validation score by epoch."
    legend_below(figure, looks)
    notes = [*_notes([curves], [scored]), view.models_note]
    return Drawing(figure=figure, alt=alt, notes=tuple(filter(None, notes)))


def _curves(view: View, task: str) -> Curves:
    """Return the seeds of each model that was trained step by step."""
    found = {label: view.evidence.results.get((task, label), ()) for label in view.styles}
    return _with_seeds(found, lambda result: len(result.losses) > 1)


def _scored(curves: Curves) -> Curves:
    """Return those seeds of which validation scores are known."""
    return _with_seeds(curves, lambda result: bool(_evaluations(result)))


def _with_seeds(found: Curves, is_wanted: Callable[[Result], bool]) -> Curves:
    wanted = {label: tuple(filter(is_wanted, results)) for label, results in found.items()}
    return {label: results for label, results in wanted.items() if results}


def _notes(by_task: Sequence[Curves], scored: Iterable[Curves]) -> tuple[str, ...]:
    has_several = any(len(results) > 1 for curves in by_task for results in curves.values())
    shown = "Mean over seeds, each seed faint" if has_several else "One seed"
    losses = f"{shown}; losses smoothed over 1/{WINDOWS} of steps"
    if not any(scored):
        return (losses,)
    return (losses, f"Validation scores of at most {MOST_EXAMPLES} examples, the same ones after each epoch")


def _draw_losses(axes: Axes, view: View, curves: Curves) -> None:
    for index, (label, results) in enumerate(curves.items()):
        num_steps = min(len(result.losses) for result in results)
        mean = np.mean([result.losses[:num_steps] for result in results], axis=0)
        every = (0.02 + 0.2 * index / len(curves), 0.2)  # of the axes' diagonal: markers of two curves do not coincide
        _draw_mean(axes, view, label, smoothed(mean), every=every)
        _draw_seeds(axes, view, label, {r.seed: smoothed(np.array(r.losses)) for r in results})
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.locator_params(nbins=4)


def _draw_scores(axes: Axes, view: View, curves: Curves) -> None:
    for label, results in curves.items():
        by_seed = {result.seed: scores_by_epoch(result) for result in results}
        by_epoch: dict[float, list[float]] = defaultdict(list)
        for epochs, scores in by_seed.values():
            for epoch, score in zip(epochs.tolist(), scores.tolist(), strict=True):
                by_epoch[epoch].append(score)
        complete = {epoch: fmean(of) for epoch, of in sorted(by_epoch.items()) if len(of) == len(results)}
        _draw_mean(axes, view, label, (np.array([*complete]), np.array([*complete.values()])))
        _draw_seeds(axes, view, label, by_seed)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4))


def _draw_mean(axes: Axes, view: View, label: str, points: Points, *, every: tuple[float, float] | None = None) -> None:
    style: Style = view.styles[label]
    axes.plot(
        *points,
        color=style.colour,
        linewidth=1.3,
        marker=style.marker,
        markersize=4.5,
        markevery=every,
        gid=view.gid(label, f"{label}: {_last(points)}"),
    )


def _draw_seeds(axes: Axes, view: View, label: str, by_seed: Mapping[int, Points]) -> None:
    """Draw the curve of each seed faint, where there are several."""
    if len(by_seed) == 1:
        return
    for seed, points in by_seed.items():
        gid = view.gid(label, f"{label}, seed {seed}: {_last(points)}")
        axes.plot(*points, color=view.styles[label].colour, linewidth=0.8, alpha=0.35, zorder=1.5, gid=gid)


def _last(points: Points) -> str:
    values = points[1]
    return f"{values[-1]:.3g} at the end" if len(values) else "seeds end apart"


def scores_by_epoch(result: Result) -> Points:
    """Return the epochs of a training after which its validation score was taken, and the scores."""
    epochs = result.history.epochs if result.history else 0.0
    steps, scores = np.array(_evaluations(result), dtype=np.float64).T
    return np.round(steps * epochs / len(result.losses), 2), scores


def _evaluations(result: Result) -> tuple[tuple[int, float], ...]:
    return result.history.evaluations if result.history else ()


def smoothed(losses: NDArray[np.float64]) -> Points:
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
    alt="Training loss by optimizer step, smoothed, and validation score by epoch: panels of a task, a line a model.",
    needs="no model was trained step by step",
    draw=draw,
)
