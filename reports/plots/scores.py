"""Scores by task: a dot a model with the spread over seeds, the models side by side within each task."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.comparison import Cell
from reports.plots.canvas import legend, sheet
from reports.plots.view import Plot, View, short
from reports.tables import figure_name


def draw(view: View) -> Figure | None:
    """Return the scores as grouped dots; bars are sample standard deviations."""
    cells = {row.model: row.cells[: len(view.tasks)] for row in view.comparison.rows if row.model in view.styles}
    shown = [label for label, row in cells.items() if any(cell.values for cell in row)]
    if not shown:
        return None
    has_spread = any(cell.deviation is not None for label in shown for cell in cells[label])
    notes = ["Mean ± sample standard deviation over seeds" if has_spread else "One seed"]
    notes += [view.models_note, view.tasks_note]
    step = max(0.75, 0.13 * (len(shown) + 2))
    figure = sheet(view, title=PLOT.title, notes=notes, size=(min(17.0, 3.4 + step * len(view.tasks)), 4.4))
    axes = figure.subplots()
    for index, label in enumerate(shown):
        offset = 0.76 * ((index + 0.5) / len(shown) - 0.5)
        _draw_model(axes, view, label, cells[label], offset)
    _task_axis(axes, view)
    axes.set_ylabel("score (%)")
    legend(figure, [view.styles[label] for label in shown], has_lines=False, has_markers=True)
    return figure


def _draw_model(axes: Axes, view: View, label: str, cells: tuple[Cell, ...], offset: float) -> None:
    style = view.styles[label]
    found = [(x + offset, cell) for x, cell in enumerate(cells) if cell.values]
    axes.errorbar(
        [x for x, _ in found],
        [cell.mean for _, cell in found],
        yerr=[cell.deviation or 0.0 for _, cell in found] if any(cell.deviation for _, cell in found) else None,
        color=style.colour,
        marker=style.marker,
        linestyle="none",
        elinewidth=1.1,
        capsize=2,
    )


def _task_axis(axes: Axes, view: View) -> None:
    """Name the tasks and their figures below bands that keep neighbouring tasks apart."""
    columns = view.comparison.columns[: len(view.tasks)]
    names = [f"{short(c.title, length=14)}\n{short('/'.join(map(figure_name, c.figures)), length=14)}" for c in columns]
    axes.set_xticks(range(len(names)), names, fontsize=8)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="x", length=0)
    for x in range(0, len(names), 2):
        axes.axvspan(x - 0.5, x + 0.5, color="#F5F5F5", zorder=0, linewidth=0)


PLOT = Plot(
    name="scores",
    title="Scores by task",
    alt="The score of each model on each task in percent, with the standard deviation over seeds.",
    needs="there is no result",
    draw=draw,
)
