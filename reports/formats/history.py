"""A history as Markdown, as CSV and as a table on the terminal."""

from collections.abc import Sequence
from math import isnan

import pandas as pd
from rich.console import Console
from rich.table import Table

from harness.markup import escape_markdown, markdown_table, one_line
from reports.analysis.history import History, Point, Series
from reports.formats.csv import csv_text
from reports.text.numbers import number

EXPLANATION = """\
- Score: the mean over seeds with its 95 % interval, over the seeds and the examples, which all runs share.
- ▲ and ▼: the first run of a new level, by binary segmentation on weighted means; a series whose level is constant
  shows one with probability 5 % at most."""
MAX_COLUMNS = 8
"""Runs that fit on a terminal: the last ones."""
COLUMNS = (
    "task", "model", "run", "commit", "created", "score", "low", "high", "seeds", "level", "shift", "p_value",
)  # fmt: skip


def show(histories: Sequence[History], console: Console) -> None:
    """Show the last runs, and every shift in words."""
    for history in histories:
        moments = history.moments[-MAX_COLUMNS:]
        first = len(history.moments) - len(moments)
        table = Table("task", "model", *(one_line(moment.name) for moment in moments), box=None)
        for series in history.series:
            cells = _cells(series, len(history.moments))[first:]
            table.add_row(one_line(series.title), one_line(series.model), *cells)
        console.print(table)
        if first:
            console.print(f"and {first} earlier run{'s' * (first > 1)}")
        for line in [*shift_lines(history), *history.notes]:
            console.print(line, soft_wrap=True)


def shift_lines(history: History) -> list[str]:
    """Return each shift in a sentence."""
    lines = []
    for series in history.series:
        for shift in series.shifts:
            moment = history.moments[series.points[shift.index].moment]
            p_value = "p < 0.001" if shift.p_value < 0.001 else f"p = {shift.p_value:.3f}"
            lines.append(
                f"{series.title} × {series.model}: from {moment.name} on {number(shift.after)} "
                f"instead of {number(shift.before)} ({shift.after - shift.before:+.1f}, {p_value})"
            )
    return lines


def history_markdown(histories: Sequence[History]) -> str:
    """Return the histories as Markdown, each with its table and its shifts."""
    return "\n\n".join([*map(_markdown, histories), EXPLANATION]) + "\n"


def history_csv(histories: Sequence[History]) -> str:
    """Return one row a point of each history."""
    rows = [row for history in histories for row in _rows(history)]
    return csv_text(pd.DataFrame(rows, columns=list(COLUMNS)))


def _markdown(history: History) -> str:
    head = ["task", "model", *(escape_markdown(moment.name) for moment in history.moments)]
    rows = [
        [*map(escape_markdown, (series.title, series.model, *_cells(series, len(history.moments))))]
        for series in history.series
    ]
    shifts = [f"- {escape_markdown(line)}" for line in shift_lines(history)]
    return "\n\n".join(
        [
            "# Scores over commits",
            *(f"> **{escape_markdown(note)}**" for note in history.notes),
            markdown_table(head, rows, num_texts=2),
            "\n".join(shifts) if shifts else "No level has shifted.",
        ]
    )


def _cells(series: Series, num_moments: int) -> list[str]:
    """Return a text a moment; nothing where the run has no such pair."""
    cells = [""] * num_moments
    signs = {shift.index: "▲ " if shift.after > shift.before else "▼ " for shift in series.shifts}
    for index, point in enumerate(series.points):
        cells[point.moment] = signs.get(index, "") + _text(point)
    return cells


def _text(point: Point) -> str:
    interval = "" if isnan(point.low) else f" [{number(point.low)}, {number(point.high)}]"
    return number(point.value) + interval


def _rows(history: History) -> list[tuple[object, ...]]:
    return [
        (
            series.task, series.model, moment.label, moment.commit, moment.created, point.value, point.low, point.high,
            point.num_seeds, level, shift.after - shift.before if shift else None, shift.p_value if shift else None,
        )
        for series in history.series
        for index, (point, level) in enumerate(zip(series.points, series.levels, strict=True))
        for moment in (history.moments[point.moment],)
        for shift in (next((shift for shift in series.shifts if shift.index == index), None),)
    ]  # fmt: skip
