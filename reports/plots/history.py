"""Scores over commits: a panel a task, a line a model, intervals as whiskers, and each level with where it shifted."""

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from math import isnan
from pathlib import Path

from matplotlib.axes import Axes

from reports.analysis.comparison import compare
from reports.analysis.history import History, Series
from reports.evidence import banners
from reports.plots.canvas import grid_of_axes, legend, save, settings, sheet
from reports.plots.view import MAX_MODELS, MAX_TASKS, Drawing, Header, Style, View, make_styles, short

NAME = "history"
MAX_TICKS = 10


def write_plots(histories: Sequence[History], folder: Path) -> list[Path]:
    """Draw each history, and return the files' paths without ``.png`` and ``.svg``."""
    stems = [folder / (f"{NAME}-{index}" if len(histories) > 1 else NAME) for index in range(1, len(histories) + 1)]
    with settings():
        for history, stem in zip(histories, stems, strict=True):
            save(draw(history).figure, stem)
    return stems


def draw(history: History) -> Drawing:
    """Return the plot of one history."""
    tasks = {task: list(series) for task, series in groupby(history.series, key=lambda series: series.task)}
    shown = dict(list(tasks.items())[:MAX_TASKS])
    view = _view(history)
    left_out = [f"the first {len(shown)} of {len(tasks)} tasks"] if len(shown) < len(tasks) else []
    left_out += (
        [f"{len(view.styles)} of {len(history.models)} models"] if len(view.styles) < len(history.models) else []
    )
    notes = ["Whiskers are 95 % intervals over seeds and examples", "a thin line is a level, a vertical one its shift"]
    num_columns = min(len(shown), 3)
    size = (2.6 + max(2.9 * num_columns, 4.0), 0.9 + 2.1 * -(-len(shown) // num_columns))
    figure = sheet(view, title="Scores over commits", notes=["; ".join([*notes, *left_out])], size=size)
    for axes, series in zip(grid_of_axes(figure, len(shown), num_columns=num_columns), shown.values(), strict=True):
        _draw_task(axes, series, view.styles)
        axes.set_title(short(series[0].title, length=26), fontsize=9)
        _name_moments(axes, [moment.name for moment in history.moments])
    figure.supylabel("score (%)", fontsize=9)
    legend(figure, list(view.styles.values()), lines="none")
    count = sum(len(series.shifts) for series in history.series)
    alt = f"Scores of {len(history.models)} models over {len(history.moments)} runs, a panel a task; {count} shifts."
    return Drawing(figure=figure, alt=alt, notes=tuple(notes))


def _view(history: History) -> View:
    evidence = history.evidence
    header = Header(title=banners.title(evidence), banners=tuple(banners.banners(evidence)))
    styles = make_styles(history.models[:MAX_MODELS])
    return View(evidence=evidence, comparison=compare(evidence), header=header, styles=styles)


def _draw_task(axes: Axes, everything: Sequence[Series], styles: Mapping[str, Style]) -> None:
    drawn = [series for series in everything if series.model in styles]
    for index, series in enumerate(drawn):
        style = styles[series.model]
        aside = 0.36 * ((index + 0.5) / len(drawn) - 0.5)  # whiskers of two models do not coincide
        xs = [point.moment + aside for point in series.points]
        axes.plot(xs, [p.value for p in series.points], color=style.colour, marker=style.marker, linestyle="none",
                  markersize=4.5)  # fmt: skip
        known = [(x, point) for x, point in zip(xs, series.points, strict=True) if not isnan(point.low + point.high)]
        axes.vlines([x for x, _ in known], [p.low for _, p in known], [p.high for _, p in known], colors=style.colour,
                    linewidth=1.0)  # fmt: skip
        edges = [xs[0] - 0.3, *((a + b) / 2 for a, b in pairwise(xs)), xs[-1] + 0.3]
        axes.stairs(series.levels, edges, baseline=None, color=style.colour, linewidth=0.8)
        for shift in series.shifts:
            axes.axvline(edges[shift.index], color=style.colour, linewidth=0.8, linestyle=(0, (2, 2)))
    axes.tick_params(labelsize=7.5)
    axes.locator_params(axis="y", nbins=5)


def _name_moments(axes: Axes, names: Sequence[str]) -> None:
    step = -(-len(names) // MAX_TICKS)
    positions = range(0, len(names), step)
    axes.set_xticks(
        list(positions), [short(names[position], length=14) for position in positions], rotation=40, ha="right"
    )
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.grid(visible=False, axis="x")
