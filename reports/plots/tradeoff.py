"""Score against latency, with the Pareto front: the models that no other beats in both."""

from collections.abc import Mapping
from statistics import fmean

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.plots.canvas import log_axis, sheet
from reports.plots.labels import PointLabel, place_labels
from reports.plots.view import Common, Plot, View, common, omitted_text, over_tasks, tasks_text

Points = Mapping[str, tuple[float, float]]
"""Latency in milliseconds and score in percent, by model."""


def draw(view: View) -> Figure | None:
    """Return the mean score against the median latency, both over the tasks that all the models have."""
    chosen = common(_measured(view))
    points = _points(view, chosen)
    if len(points) < 2:
        return None
    name = _score_name(view, chosen)
    notes = [f"Mean score and median latency over {tasks_text(view, chosen.tasks)}; up and left is better"]
    notes += ["Dashed: the Pareto front, the models that no other beats in both"]
    notes += [view.models_note, omitted_text(chosen.omitted)]
    figure = sheet(view, title=PLOT.title, notes=notes, size=(7.5, 4.6))
    axes = figure.subplots()
    front = _draw_front(axes, points)
    for label, (latency, score) in points.items():
        style = view.styles[label]
        axes.plot(latency, score, color=style.colour, marker=style.marker, linestyle="none", markersize=7, zorder=3)
    log_axis(axes, "x", [latency for latency, _ in points.values()])
    axes.margins(y=0.12)
    axes.set(xlabel="latency of one example, p50 (milliseconds)", ylabel=f"{name} (%)")
    labels = [PointLabel(x=x, y=y, text=view.styles[label].name) for label, (x, y) in points.items()]
    place_labels(figure, axes, labels, around=front)
    return figure


def _measured(view: View) -> dict[str, list[str]]:
    """Return the tasks with both a score and a latency, by model."""
    evidence = view.evidence
    found = {
        label: [t for t in evidence.tasks if (t, label) in evidence.speeds and (t, label) in evidence.results]
        for label in view.styles
    }
    return {label: tasks for label, tasks in found.items() if tasks}


def _points(view: View, chosen: Common) -> dict[str, tuple[float, float]]:
    evidence = view.evidence
    points = {}
    for label in chosen.models:
        latencies = [evidence.speeds[task, label].latency_quantiles["p50"] for task in chosen.tasks]
        scores = [fmean(result.score for result in evidence.results[task, label]) for task in chosen.tasks]
        points[label] = (1e3 * over_tasks(latencies, len(chosen.tasks)), fmean(scores))
    return points


def _score_name(view: View, chosen: Common) -> str:
    """Return the comparison's name for its mean where this is the same mean for every model, else a plain one."""
    rows = [row for row in view.comparison.rows if row.model in chosen.models]
    if chosen.tasks == view.comparison.mean_tasks and all(map(view.comparison.is_ranked, rows)):
        return view.comparison.mean_name
    return "score" if len(chosen.tasks) == 1 else "mean score"


def pareto_front(points: Points) -> list[str]:
    """Return the models that no other equals or beats in both latency and score, the fastest first."""
    front: list[str] = []
    for label, (_, score) in sorted(points.items(), key=lambda item: (item[1][0], -item[1][1])):
        if not front or score > points[front[-1]][1]:
            front.append(label)
    return front


def _draw_front(axes: Axes, points: Points) -> list[tuple[float, float]]:
    """Draw the front as a stair, and return its corners."""
    front = [points[label] for label in pareto_front(points)]
    corners = [front[0]]
    for x, y in front[1:]:
        corners += [(x, corners[-1][1]), (x, y)]
    axes.plot(*zip(*corners, strict=True), color="#888888", linewidth=1.2, linestyle=(0, (4, 2)), zorder=1)
    return corners


PLOT = Plot(
    name="score-latency",
    title="Score against latency",
    alt="Mean score against median latency, one point a model; a dashed line joins the models on the Pareto front.",
    needs="fewer than two models have both a score and a measured latency on the same tasks",
    draw=draw,
)
