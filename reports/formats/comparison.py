"""The comparison, put into texts: as a table, and that as Markdown."""

from harness.markup import escape_markdown, markdown_table
from harness.statistics.intervals import Estimate
from reports.analysis.comparison import Cell, Comparison, Row
from reports.analysis.notes import estimates
from reports.analysis.statistics import NO_ANALYSIS, Analysis
from reports.formats.comparison_table import ComparisonPage, ComparisonTable, TableCell
from reports.text.numbers import SIGNS, metric_name, number


def cell_text(cell: Cell, *, num_seeds: int, estimate: Estimate | None = None) -> str:
    """Return ``mean [low, high]``, or ``mean ± deviation`` without an interval, or the sign for no metric value.

    The number of seeds stands behind it where it is not ``num_seeds``.
    """
    if not cell.values:
        return SIGNS[cell.status]
    spread = f" ± {number(cell.deviation, cell.unit)}" if cell.deviation is not None else ""
    if estimate is not None:
        spread = f" [{number(estimate.low, cell.unit)}, {number(estimate.high, cell.unit)}]"
    seeds = f" (n = {len(cell.values)})" if len(cell.values) != num_seeds else ""
    return f"{number(cell.mean, cell.unit)}{spread}{'*' if cell.is_partial else ''}{seeds}"


def rank_text(analysis: Analysis, label: str) -> str:
    """Return the ranks that a model may have, such as ``1–3``; nothing for one that is not ranked."""
    standing = analysis.standings.get(label)
    if standing is None:
        return ""
    return f"{standing.first}" if standing.first == standing.last else f"{standing.first}–{standing.last}"


def _mean_text(comparison: Comparison, row: Row, estimate: Estimate | None) -> str:
    text = cell_text(row.mean, num_seeds=comparison.num_seeds, estimate=estimate) if row.mean.values else ""
    if not text or comparison.is_ranked(row):
        return text
    others = len(row.mean_tasks) == len(comparison.mean_tasks) and row.mean_tasks != comparison.mean_tasks
    return f"{text} ({row.mean_name}{', others' if others else ''})"


def comparison_table(comparison: Comparison, analysis: Analysis = NO_ANALYSIS) -> ComparisonTable:
    """Return the comparison as texts."""
    heads = [("rank", "")] if analysis.standings else []
    heads += [(column.title, "/".join(map(metric_name, column.metrics))) for column in comparison.columns]
    heads += [(comparison.mean_name, "")] if comparison.mean_name else []
    return ComparisonTable(heads=tuple(heads), rows=tuple(_row(comparison, analysis, row) for row in comparison.rows))


def _row(comparison: Comparison, analysis: Analysis, row: Row) -> tuple[TableCell, ...]:
    *known, mean = estimates(comparison, row, analysis)
    cells = [TableCell(text=row.model)]
    if analysis.standings:
        cells.append(TableCell(text=rank_text(analysis, row.model)))
    for cell, estimate in zip(row.cells, known, strict=True):
        text = cell_text(cell, num_seeds=comparison.num_seeds, estimate=estimate)
        cells.append(TableCell(text=text, is_best=cell.is_best))
    if comparison.mean_name:
        cells.append(TableCell(text=_mean_text(comparison, row, mean), is_best=row.mean.is_best))
    return tuple(cells)


def table_markdown(table: ComparisonTable) -> str:
    """Return the table alone, the best of each column in bold."""
    heads = [escape_markdown(f"{title} {metrics}") for title, metrics in table.heads]
    rows = [[_cell_markdown(cell) for cell in row] for row in table.rows]
    return markdown_table(["model", *heads], rows)


def _cell_markdown(cell: TableCell) -> str:
    text = escape_markdown(cell.text)
    return f"**{text}**" if cell.is_best else text


def comparison_markdown(page: ComparisonPage) -> str:
    """Return the page as Markdown."""
    parts = [f"# {escape_markdown(page.heading)}"]
    parts += [f"> **Warning:** {escape_markdown(warning)}" for warning in page.warnings]
    for one in page.sets:
        if len(page.sets) > 1:
            parts.append(f"## Runs {escape_markdown(one.label)}")
        parts += [f"> **{escape_markdown(banner)}**" for banner in one.banners]
        parts.append(table_markdown(one.table))
        for family in one.families:
            parts.append(f"### {escape_markdown(family.title)}")
            parts.append(markdown_table(list(family.heads), [[*map(escape_markdown, row)] for row in family.rows]))
        parts.append("\n".join(f"- {escape_markdown(note)}" for note in one.notes))
    return "\n\n".join(parts) + "\n"
