"""Score against what a model costs, with the Pareto front: the models that no other beats in both.

One drawing for each :class:`Cost`: the latency of a prediction, the time of training, and the number of parameters.
"""

import math
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import Any

from matplotlib.axes import Axes

from harness.statistics.intervals import Estimate
from reports.analysis.cautions import baselines
from reports.evidence.results import Evidence
from reports.plots.canvas import RULE, log_axis, sheet
from reports.plots.labels import PointLabel, place_labels
from reports.plots.view import Common, Drawing, Plot, View, common, omitted_text, over_tasks, short, tasks_text
from reports.text.numbers import axis_units, digits, interval_text, mean_of_known, number

Points = Mapping[str, tuple[float, float]]
"""Cost and score in percent, by model."""
Measure = Callable[[Evidence, str, str], float | None]
BESIDE_INCHES = (4.1, 3.9)
FAR = 10.0
"""A baseline that costs so many times less than the cheapest of the others stands at the edge of the axis."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What is set against the score. ``of`` gives it for a task and a model with results, or ``None``."""

    name: str
    axis: str
    of: Measure
    upper: Measure | None = None
    """What an upper whisker reaches to, where there is one."""

    @property
    def title(self) -> str:
        """What the drawing is called."""
        return f"Score against {self.name}"

    @property
    def alt(self) -> str:
        """The drawing in words."""
        return f"Mean score against median {self.name}, a point a model; a dashed line joins those on the Pareto front."


def _latency(evidence: Evidence, task: str, label: str) -> float | None:
    speed = evidence.speeds.get((task, label))
    return 1e3 * speed.latency_quantiles["p50"] if speed else None


def _slow_latency(evidence: Evidence, task: str, label: str) -> float | None:
    speed = evidence.speeds.get((task, label))
    return 1e3 * speed.latency_quantiles["p90"] if speed else None


def _training(evidence: Evidence, task: str, label: str) -> float | None:
    return mean_of_known(result.fit_core_seconds for result in evidence.results[task, label])


def _parameters(evidence: Evidence, task: str, label: str) -> float | None:
    return evidence.results[task, label][0].model.num_parameters


def draw(cost: Cost, view: View, size: tuple[float, float] = (7.5, 4.6)) -> Drawing | None:
    """Return the mean score against the median cost, both over the tasks that all the models have; ``size`` in inches.

    A majority baseline that costs far less than all others does not stretch the axis: it stands at its edge.
    """
    costs = _costs(cost.of, view)
    chosen = common({label: list(by_task) for label, by_task in costs.items() if by_task})
    everything = {label: _point(view, chosen, label, costs[label]) for label in chosen.models}
    measured = {label: point for label, point in everything.items() if point[0] > 0}
    if len(measured) < 2 or (len(chosen.tasks) > 1 and view.comparison.reasons_without_mean):
        return None
    points = within_reach(measured, baselines(view.evidence))
    at_edge = [label for label in points if points[label] != measured[label]]
    notes = [*_notes(cost, view, chosen), _free_text(cost, everything.keys() - points.keys())]
    notes += (
        [f"At the left edge, as its {cost.name} is far smaller: {', '.join(map(short, at_edge))}"] if at_edge else []
    )
    figure = sheet(view, title=cost.title, notes=notes, size=size)
    axes = figure.subplots()
    higher_is_better = _higher_is_better(view, chosen)
    front = _draw_front(axes, points, higher_is_better=higher_is_better)
    uppers = _costs(cost.upper, view) if cost.upper else {}
    ends = {label: over_tasks((uppers[label][task] for task in chosen.tasks), len(chosen.tasks)) for label in points
            if set(chosen.tasks) <= uppers.get(label, {}).keys() and label not in at_edge}  # fmt: skip
    lines = [front]
    for label, point in points.items():
        lines += _draw_model(axes, view, label, point, ends.get(label, point[0]), _interval(view, chosen, label))
    log_axis(axes, "x", [*(x for x, _ in points.values()), *ends.values()])
    axes.margins(y=0.12)
    axes.set(xlabel=cost.axis, ylabel=f"{_score_name(view, chosen)} ({axis_units(_columns(view, chosen, 'unit'))})")
    if not higher_is_better:
        axes.invert_yaxis()
    labels = [
        PointLabel(x=x, y=y, text=view.styles[label].name, gid=view.gid(label)) for label, (x, y) in points.items()
    ]
    place_labels(figure, axes, labels, around=lines)
    return Drawing(figure=figure, alt=cost.alt, notes=tuple(filter(None, notes)))


def draw_beside(view: View) -> Drawing | None:
    """Return the score against the latency, in a size to stand beside a table."""
    return draw(_OF_LATENCY, view, size=BESIDE_INCHES)


def within_reach(points: Points, baselines: Container[str]) -> dict[str, tuple[float, float]]:
    """Return the points, those of baselines that cost far less than all other models moved to where these begin.

    >>> within_reach({"majority": (0.001, 50.0), "big": (8.0, 75.0)}, {"majority"})
    {'majority': (4.0, 50.0), 'big': (8.0, 75.0)}
    """
    least = min((x for label, (x, _) in points.items() if label not in baselines), default=0.0)
    return {
        label: (least / 2, y) if label in baselines and x < least / FAR else (x, y) for label, (x, y) in points.items()
    }


def _columns(view: View, chosen: Common, name: str) -> list[Any]:
    return [getattr(column, name) for column in view.comparison.columns if column.task in chosen.tasks]


def _higher_is_better(view: View, chosen: Common) -> bool:
    return all(_columns(view, chosen, "higher_is_better"))


def _notes(cost: Cost, view: View, chosen: Common) -> list[str]:
    return [
        f"Mean score and median {cost.name} over {tasks_text(view, chosen.tasks)}; up and left is better",
        "Dashed: the Pareto front, the models that no other beats in both",
        f"Whiskers: 95 % intervals of the score{'; to p90 of the latency' if cost.upper else ''}",
        view.models_note,
        omitted_text(chosen.omitted),
    ]


def _interval(view: View, chosen: Common, label: str) -> Estimate | None:
    """Return the interval of what is drawn, if it is known: of the comparison's mean, or of the only task's score."""
    found = view.analysis.scores.get((chosen.tasks[0], label)) if len(chosen.tasks) == 1 else None
    if chosen.tasks == view.comparison.mean_tasks:
        found = view.analysis.means.get(label)
    return found if found and not math.isnan(found.low) else None


def _draw_model(
    axes: Axes, view: View, label: str, point: tuple[float, float], end: float, interval: Estimate | None
) -> list[list[tuple[float, float]]]:
    """Draw a point with its whiskers, and return these as lines."""
    (x, score), style = point, view.styles[label]
    text = f"{label}: {interval_text(interval) if interval else number(score)}, at {digits(x)}"
    axes.plot(
        x, score, color=style.colour, marker=style.marker, linestyle="none", markersize=7, zorder=3,
        gid=view.gid(label, text),
    )  # fmt: skip
    lines = [[(x, score), (end, score)]] if end > x else []
    lines += [[(x, interval.low), (x, interval.high)]] if interval else []
    for line in lines:
        axes.plot(*zip(*line, strict=True), color=style.colour, linewidth=1.2, zorder=2, gid=view.gid(label))
    return lines


def _costs(of: Measure, view: View) -> dict[str, dict[str, float]]:
    """Return a cost by model and task, where there is a score as well."""
    found: dict[str, dict[str, float]] = {label: {} for label in view.styles}
    for label, by_task in found.items():
        for task in view.evidence.tasks:
            value = of(view.evidence, task, label) if (task, label) in view.evidence.results else None
            if value is not None:
                by_task[task] = value
    return found


def _point(view: View, chosen: Common, label: str, costs: Mapping[str, float]) -> tuple[float, float]:
    scores = [fmean(result.score for result in view.evidence.results[task, label]) for task in chosen.tasks]
    return over_tasks((costs[task] for task in chosen.tasks), len(chosen.tasks)), fmean(scores)


def _free_text(cost: Cost, labels: Iterable[str]) -> str:
    """Return a note of the models whose cost is nothing, for which a logarithmic axis has no position."""
    names = ", ".join(map(short, sorted(labels)))
    return f"Not shown, as the axis is logarithmic and their {cost.name} is 0: {names}" if names else ""


def _score_name(view: View, chosen: Common) -> str:
    """Return the comparison's name for its mean where this is the same mean for every model, else a plain one."""
    rows = [row for row in view.comparison.rows if row.model in chosen.models]
    if chosen.tasks == view.comparison.mean_tasks and all(map(view.comparison.is_ranked, rows)):
        return view.comparison.mean_name
    return "score" if len(chosen.tasks) == 1 else "mean score"


def pareto_front(points: Points, *, higher_is_better: bool = True) -> list[str]:
    """Return the models that no other equals or beats in both cost and score, the cheapest first."""
    front: list[str] = []
    sign = 1 if higher_is_better else -1
    for label, (_, score) in sorted(points.items(), key=lambda item: (item[1][0], -sign * item[1][1])):
        if not front or sign * score > sign * points[front[-1]][1]:
            front.append(label)
    return front


def _draw_front(axes: Axes, points: Points, *, higher_is_better: bool) -> list[tuple[float, float]]:
    """Draw the front as a stair, and return its corners."""
    front = [points[label] for label in pareto_front(points, higher_is_better=higher_is_better)]
    corners = [front[0]]
    for x, y in front[1:]:
        corners += [(x, corners[-1][1]), (x, y)]
    axes.plot(*zip(*corners, strict=True), color=RULE, linewidth=1.2, linestyle=(0, (4, 2)), zorder=1)
    return corners


def _plot(cost: Cost, *, needs: str) -> Plot:
    name = f"score-{cost.name.replace(' ', '-')}"
    return Plot(name=name, title=cost.title, alt=cost.alt, needs=needs, draw=partial(draw, cost))


_OF_LATENCY = Cost(name="latency", axis="latency of one example, p50 (milliseconds)", of=_latency, upper=_slow_latency)
LATENCY = _plot(_OF_LATENCY, needs="fewer than two models have both a score and a measured latency on the same tasks")
TRAINING = _plot(
    Cost(name="training time", axis="training time (seconds, summed over cores)", of=_training),
    needs="fewer than two models that took time to train have a score on the same tasks",
)
SIZE = _plot(
    Cost(name="size", axis="size (parameters)", of=_parameters),
    needs="fewer than two models with parameters have a score on the same tasks",
)
