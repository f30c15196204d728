"""The comparison as tables on a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.markup import one_line
from reports.formats.comparison_table import ComparisonPage, RankedModel, Ranking, TableCell

GAP = 2
"""Characters between columns."""


def show_comparison(page: ComparisonPage, console: Console) -> None:
    """Show the tables of a report with their banners and notes."""
    show_heading(page.heading, [f"Warning: {warning}" for warning in page.warnings], console)
    for one in page.sets:
        show_heading(f"Runs {one.label}" if len(page.sets) > 1 else "", one.banners, console)
        _show_ranking(one.ranking, console)
        for family in one.families:
            show_heading(family.title, (), console)
            rows = [[Text(one_line(text)) for text in row] for row in family.rows]
            console.print(text_table(family.heads, rows))
        show_notes(one.notes, console)


def show_heading(heading: str, warnings: Sequence[str], console: Console) -> None:
    """Show what stands above a table."""
    if heading:
        console.print(Text(one_line(heading), style="bold"))
    for warning in warnings:
        console.print(Text(one_line(warning), style="bold yellow"))


def show_notes(notes: Sequence[str], console: Console) -> None:
    """Show what stands below a table."""
    for note in notes:
        console.print(Text(f"• {one_line(note)}"))


def text_table(heads: Sequence[str], rows: Sequence[Sequence[Text]], *, num_texts: int = 1) -> Table:
    """Return a table whose first columns hold words, the others numbers."""
    table = Table(box=box.SIMPLE_HEAD)
    for index, head in enumerate(heads):
        table.add_column(Text(one_line(head)), justify="left" if index < num_texts else "right")
    for row in rows:
        table.add_row(*row)
    return table


@dataclass(frozen=True, kw_only=True)
class _Column:
    head: str
    cells: tuple[Text, ...]
    justify: Literal["left", "right"] = "right"

    @property
    def lines(self) -> list[str]:
        """The head, wrapped to what the cells need."""
        widest = max(cell.cell_len for cell in self.cells)
        return [
            line
            for part in self.head.split("\n")
            for line in wrap(part, max(widest, 7), break_long_words=False, break_on_hyphens=False)
        ]

    @property
    def width(self) -> int:
        """Characters of its longest line."""
        return max(*(cell.cell_len for cell in self.cells), *map(cell_len, self.lines))


def _show_ranking(ranking: Ranking, console: Console) -> None:
    """Show models with rank, mean and latency, and as many tasks as there is room for; the others below, whole."""
    models = ranking.models
    names = _column("model", [model.model for model in models], justify="left")
    latencies = [model.latency for model in models]
    first = [
        *([_column("rank", [m.rank for m in models])] if any(m.rank for m in models) else []),
        names,
        _Column(head=ranking.mean, cells=tuple(_mean(model) for model in models)),
        *([_column(_spread_head(models), [m.interval for m in models])] if any(m.interval for m in models) else []),
        *([_column("latency p50", latencies)] if any(latencies) else []),
    ]
    tasks = [
        _Column(head=f"{one_line(title)}\n{metrics}", cells=tuple(_text(model.scores[index]) for model in models))
        for index, (title, metrics) in enumerate(ranking.tasks)
    ]
    for columns in _blocks(first, names, tasks, console.width + GAP):
        console.print(_table(columns))
        console.print()
    for note in dict.fromkeys(model.note for model in models if model.note):
        console.print(Text(f"† {one_line(note)}: does not compare with the others' mean, so it is not ranked."))


def _blocks(first: list[_Column], names: _Column, tasks: Sequence[_Column], width: int) -> Iterator[list[_Column]]:
    """Yield the columns of each table: no column is broken, and each table says whose row it is."""
    block, is_open = first, True
    for column in tasks:
        if is_open and sum(each.width + GAP for each in [*block, column]) > width:
            yield block
            block = [names]
        block = [*block, column]
        is_open = len(block) > 1
    yield block


def _table(columns: Sequence[_Column]) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, padding=(0, GAP - 1, 0, 0), pad_edge=False
    )  # it puts one more between
    for column in columns:
        table.add_column(Text("\n".join(column.lines)), justify=column.justify, overflow="fold")
    for cells in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*cells)
    return table


def _column(head: str, texts: Sequence[str], justify: Literal["left", "right"] = "right") -> _Column:
    return _Column(head=head, cells=tuple(Text(one_line(text)) for text in texts), justify=justify)


def _mean(model: RankedModel) -> Text:
    return Text(model.mean.text + "†" * bool(model.note), style="bold" if model.mean.is_best else "")


def _text(cell: TableCell) -> Text:
    return Text(one_line(cell.text), style="bold" if cell.is_best else "")


def _spread_head(models: Sequence[RankedModel]) -> str:
    return "95 % interval" if any("[" in model.interval for model in models) else "± over seeds"
