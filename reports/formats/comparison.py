"""The comparison as Markdown, LaTeX (booktabs) and CSV, each with its banners and with what its signs mean."""

from collections.abc import Callable, Sequence

import pandas as pd

from harness.markup import escape_latex, escape_markdown, markdown_table
from harness.statistics.intervals import Estimate
from reports.analysis.comparison import Cell, Comparison, Row
from reports.analysis.notes import estimates
from reports.analysis.statistics import NO_ANALYSIS, Analysis
from reports.evidence.results import Evidence
from reports.text.numbers import FIGURE_NAMES, SIGNS, figure_name, number

FIGURE_NAMES |= {"exact": "EM", "exact_match": "EM"}
Escape = Callable[[str], str]


def cell_text(cell: Cell, *, num_seeds: int, estimate: Estimate | None = None) -> str:
    """Return ``mean [low, high]``, or ``mean ± deviation`` without an interval, or the sign for no figure.

    The number of seeds stands behind it where it is not ``num_seeds``.
    """
    if not cell.values:
        return SIGNS[cell.status]
    spread = f" ± {number(cell.deviation)}" if cell.deviation is not None else ""
    if estimate is not None:
        spread = f" [{number(estimate.low)}, {number(estimate.high)}]"
    seeds = f" (n = {len(cell.values)})" if len(cell.values) != num_seeds else ""
    return f"{number(cell.mean)}{spread}{'*' if cell.is_partial else ''}{seeds}"


def place_text(analysis: Analysis, label: str) -> str:
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


def _grid(comparison: Comparison, analysis: Analysis, escape: Escape, bold: Escape) -> list[list[str]]:
    """Return the body of the table, a list a model: its name, its place, a cell a task, and the mean; if there are."""
    rows = []
    for row in comparison.rows:
        *known, mean = estimates(comparison, row, analysis)
        texts = [(place_text(analysis, row.model), False)] if analysis.standings else []
        for cell, estimate in zip(row.cells, known, strict=True):
            texts.append((cell_text(cell, num_seeds=comparison.num_seeds, estimate=estimate), cell.is_best))
        if comparison.mean_name:
            texts.append((_mean_text(comparison, row, mean), row.mean.is_best))
        rows.append([escape(row.model), *(bold(escape(text)) if best else escape(text) for text, best in texts)])
    return rows


def _heads(comparison: Comparison, analysis: Analysis) -> list[tuple[str, str]]:
    """Return the title and the figures' names of each column after the model's."""
    heads = [("place", "")] if analysis.standings else []
    heads += [(column.title, "/".join(map(figure_name, column.figures))) for column in comparison.columns]
    return [*heads, (comparison.mean_name, "")] if comparison.mean_name else heads


def comparison_markdown(comparison: Comparison, analysis: Analysis = NO_ANALYSIS) -> str:
    """Return the table alone."""
    heads = [escape_markdown(f"{title} {figures}") for title, figures in _heads(comparison, analysis)]
    return markdown_table(["model", *heads], _grid(comparison, analysis, escape_markdown, lambda text: f"**{text}**"))


def comparison_latex(
    comparison: Comparison, analysis: Analysis = NO_ANALYSIS, *, caption: str, notes: Sequence[str]
) -> str:
    """Return a floating table; it needs the package booktabs."""
    heads = _heads(comparison, analysis)
    grid = _grid(comparison, analysis, escape_latex, lambda text: f"\\textbf{{{text}}}")
    lines = [
        r"\begin{table}",
        r"\centering",
        f"\\caption{{{escape_latex(caption)}}}",
        f"\\begin{{tabular}}{{l{'r' * len(heads)}}}",
        r"\toprule",
        " & ".join(["", *(escape_latex(title) for title, _ in heads)]) + r" \\",
        " & ".join(["Model", *(escape_latex(figures) for _, figures in heads)]) + r" \\",
        r"\midrule",
        *(" & ".join(cells) + r" \\" for cells in grid),
        r"\bottomrule",
        r"\end{tabular}",
        r"\par\smallskip\footnotesize",
        *(f"{escape_latex(note)}\\par" for note in notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def comparison_frame(
    comparison: Comparison, evidence: Evidence, banners: Sequence[str], analysis: Analysis = NO_ANALYSIS
) -> pd.DataFrame:
    """Return one row a model: a task's mean, interval, deviation and seeds, each in a column; then those over tasks."""
    records = []
    for row in comparison.rows:
        record: dict[str, object] = {"model": row.model, "run": evidence.models[row.model].label}
        cells = [(column.task, cell) for column, cell in zip(comparison.columns, row.cells, strict=True)]
        known = estimates(comparison, row, analysis)
        for (name, cell), estimate in zip([*cells, ("mean", row.mean)], known, strict=True):
            record[name] = cell.mean if cell.values else None
            record[f"{name}_low"] = estimate.low if estimate else None
            record[f"{name}_high"] = estimate.high if estimate else None
            record[f"{name}_deviation"] = cell.deviation
            record[f"{name}_seeds"] = len(cell.values)
        standing = analysis.standings.get(row.model)
        record["place"] = standing.first if standing else None
        record["place_last"] = standing.last if standing else None
        record["mean_name"] = row.mean_name
        record["mean_tasks"] = " ".join(row.mean_tasks)
        record["remarks"] = "; ".join(f"{task}: {cell.status}" for task, cell in cells if cell.status != "scored")
        record["banner"] = "; ".join(banners)
        records.append(record)
    return pd.DataFrame(records)
