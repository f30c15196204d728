"""Scores by task: a dot a model with its 95 % interval, the models side by side within each task."""

from collections.abc import Mapping, Sequence
from math import isnan

from matplotlib.axes import Axes

from harness.statistics.intervals import Estimate
from reports.analysis.comparison import Cell, Column
from reports.plots.canvas import BAND, grid_of_axes, legend, sheet
from reports.plots.view import Drawing, Plot, View, short
from reports.text.numbers import axis_units, metric_name

TASKS_PER_ROW = 6


def draw(view: View) -> Drawing | None:
    """Return the scores as grouped dots; bars are 95 % intervals, or standard deviations where no interval is known."""
    cells = {row.model: row.cells[: len(view.tasks)] for row in view.comparison.rows if row.model in view.styles}
    shown = [label for label, row in cells.items() if any(cell.values for cell in row)]
    if not shown:
        return None
    notes = [_spread_note(view, [cell for label in shown for cell in cells[label]])]
    notes += [view.models_note, view.tasks_note]
    num_rows = -(-len(view.tasks) // TASKS_PER_ROW)
    per_row = -(-len(view.tasks) // num_rows)
    width = 3.4 + max(0.8, 0.11 * (len(shown) + 2)) * per_row
    figure = sheet(view, title=PLOT.title, notes=notes, size=(max(6.4, width), 1.0 + 2.9 * num_rows))
    panels = grid_of_axes(figure, num_rows, num_columns=1)
    for row, axes in enumerate(panels):
        if row:
            axes.sharey(panels[0])
        columns = range(row * per_row, min((row + 1) * per_row, len(view.tasks)))
        _task_axis(axes, [view.comparison.columns[column] for column in columns], num_bands=per_row)
        for index, label in enumerate(shown):
            offset = 0.76 * ((index + 0.5) / len(shown) - 0.5)
            _draw_model(axes, view, label, {column: cells[label][column] for column in columns}, offset)
    legend(figure, [view.styles[label] for label in shown], lines="none")
    return Drawing(figure=figure, alt=PLOT.alt, notes=tuple(filter(None, notes)))


def _spread_note(view: View, cells: Sequence[Cell]) -> str:
    if any(not isnan(found.low) for found in view.analysis.scores.values()):
        return "Whiskers: 95 % intervals"
    has_spread = any(cell.deviation is not None for cell in cells)
    return "Mean ± sample standard deviation over seeds" if has_spread else "One seed"


def _draw_model(axes: Axes, view: View, label: str, cells: Mapping[int, Cell], offset: float) -> None:
    found = {column: cell for column, cell in cells.items() if cell.values}
    first = min(cells, default=0)
    ends = [_ends(view.analysis.scores.get((view.tasks[column], label)), cell) for column, cell in found.items()]
    style = view.styles[label]
    axes.errorbar(
        [column - first + offset for column in found],
        [cell.mean for cell in found.values()],
        yerr=list(zip(*ends, strict=True)) if any(map(any, ends)) else None,
        color=style.colour,
        marker=style.marker,
        linestyle="none",
        elinewidth=1.0,
    )


def _ends(estimate: Estimate | None, cell: Cell) -> tuple[float, float]:
    """Return how far the whisker reaches below and above the mean."""
    if estimate is None or isnan(estimate.low):
        return (cell.deviation or 0.0, cell.deviation or 0.0)
    return (max(0.0, cell.mean - estimate.low), max(0.0, estimate.high - cell.mean))


def _task_axis(axes: Axes, columns: Sequence[Column], *, num_bands: int) -> None:
    """Name the tasks and their metrics below bands that keep neighbouring tasks apart; ``num_bands`` of them fit."""
    names = ["\n".join(short(name, length=14) for name in (c.title, *map(metric_name, c.metrics[:3]))) for c in columns]
    axes.set_xticks(range(len(names)), names, fontsize=8)
    axes.set(xlim=(-0.5, num_bands - 0.5), ylabel=f"score ({axis_units(c.unit for c in columns)})")
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="x", length=0)
    for x in range(0, len(names), 2):
        axes.axvspan(x - 0.5, x + 0.5, color=BAND, zorder=0, linewidth=0)


PLOT = Plot(
    name="scores",
    title="Scores by task",
    alt="The score of each model on each task, with 95 % intervals.",
    needs="there is no result",
    draw=draw,
)
