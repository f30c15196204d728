"""The comparison as tables on a terminal."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.markup import one_line
from reports.formats.comparison_table import ComparisonPage, ComparisonTable


def show_comparison(page: ComparisonPage, console: Console) -> None:
    """Show the tables of a report with their banners and notes."""
    show_heading(page.heading, [f"Warning: {warning}" for warning in page.warnings], console)
    for one in page.sets:
        show_heading(f"Runs {one.label}" if len(page.sets) > 1 else "", one.banners, console)
        console.print(_table(one.table))
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


def _table(table: ComparisonTable) -> Table:
    heads = ["model", *(f"{title} {metrics}" for title, metrics in table.heads)]
    rows = [[Text(one_line(cell.text), style="bold" if cell.is_best else "") for cell in row] for row in table.rows]
    return text_table(heads, rows)
