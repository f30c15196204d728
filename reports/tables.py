"""The comparison as Markdown, LaTeX (booktabs) and CSV, each with its banners and with what its signs mean."""

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import TypeVar

import pandas as pd

from harness.markup import escape_latex, escape_markdown, markdown_table
from harness.statistics import Estimate
from reports import notices
from reports.analysis import Analysis
from reports.comparison import DECIMALS, Cell, Comparison, Row
from reports.evidence import Evidence

FIGURE_NAMES = {"accuracy": "acc", "f1": "F1", "matthews": "Matthews", "pearson": "Pearson", "spearman": "Spearman"}
FIGURE_NAMES |= {"exact": "EM", "exact_match": "EM"}
SIGNS = {"unsupported": "–", "failed": "failed", "absent": "no data", "missing": "…", "not asked": ""}
Escape = Callable[[str], str]
Number = TypeVar("Number", int, float)
INTERVAL = (
    "The interval holds both sources of chance, the seeds of training and the examples of the test set; with one seed "
    "it holds the chance of the examples alone."
)
PLACE = (
    "Place: the ranks that a model may have, all models' together with 95 % confidence: from one more than the models "
    "that are surely better, down to all but those that are surely worse."
)
NO_ANALYSIS = Analysis()
"""Tables without it show the spread over seeds in place of intervals, and no places."""


def figure_name(name: str) -> str:
    """Return a figure's name as it is usually printed."""
    return FIGURE_NAMES.get(name, name.replace("_", " "))


def number(value: float) -> str:
    """Return a figure in percent as tables show it."""
    return f"{value:z.{DECIMALS}f}"


def digits(value: float, *, count: int = 3) -> str:
    """Return a positive number with ``count`` digits that matter, and all those before the point."""
    size = math.floor(math.log10(value)) if value > 0 else 0
    return f"{value:,.{min(max(count - 1 - size, 0), 9)}f}"


def known(values: Iterable[Number | None]) -> list[Number]:
    """Return those that are known."""
    return [value for value in values if value is not None]


def mean_of_known(values: Iterable[float | None]) -> float | None:
    """Return the mean of those that are known, or ``None``."""
    found = known(values)
    return fmean(found) if found else None


def interval_text(estimate: Estimate) -> str:
    """Return ``mean [low, high]``."""
    return f"{number(estimate.value)} [{number(estimate.low)}, {number(estimate.high)}]"


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


def estimates(comparison: Comparison, row: Row, analysis: Analysis) -> list[Estimate | None]:
    """Return what is known of the interval of each cell of a row, and of its mean, last."""
    found = [analysis.scores.get((column.task, row.model)) for column in comparison.columns]
    mean = analysis.means.get(row.model) if comparison.is_ranked(row) else None
    return [e if e is not None and not math.isnan(e.low) else None for e in (*found, mean)]


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


def notes(comparison: Comparison, evidence: Evidence, analysis: Analysis = NO_ANALYSIS) -> list[str]:
    """Return what the table's signs and words mean: only those that occur in it."""
    cells = [cell for row in comparison.rows for cell in row.cells]
    found = {cell.status for cell in cells}
    signs = {
        "unsupported": "– : the model cannot give this kind of answer.",
        "failed": "failed: no seed of this pair has a result, and at least one failed.",
        "absent": f"no data: the source does not hold the task ({_lacks(evidence)}).",
        "missing": "… : not run yet.",
        "not asked": "blank: not part of the model's run.",
    }
    return [
        *_spread_notes(comparison, analysis),
        *_score_notes(comparison, evidence),
        "Bold: the best mean of a column; means that read the same are bold together.",
        *(text for status, text in signs.items() if status in found),
        *_partial_notes(comparison, evidence),
        *notices.submissions(evidence),
        *analysis.gaps,
    ]


def _lacks(evidence: Evidence) -> str:
    lacks = {evidence.task_title(task): lack for run in evidence.runs for task, lack in run.info.absent.items()}
    return "; ".join(f"{title}: {lack.rstrip('.')}" for title, lack in lacks.items())


def _spread_notes(comparison: Comparison, analysis: Analysis) -> list[str]:
    pairs = [
        (len(cell.values), estimate)
        for row in comparison.rows
        for cell, estimate in zip(_cells(comparison, row), estimates(comparison, row, analysis), strict=False)
        if cell.values
    ]
    seeds = f"{comparison.num_seeds} seed{'s' if comparison.num_seeds != 1 else ''}"
    elsewhere = " unless n says otherwise" if {count for count, _ in pairs} - {comparison.num_seeds} else ""
    lines = []
    if any(estimate for _, estimate in pairs):
        lines.append(f"Mean over {seeds}{elsewhere} [its 95 % interval]. {INTERVAL}")
    if counts := {count for count, estimate in pairs if not estimate}:
        lines.append(_deviation_note(counts, seeds + elsewhere, "Without an interval: " if lines else ""))
    if analysis.standings:
        lines.append(PLACE)
    return lines or [f"Values of {seeds}, so no spread is known."]


def _cells(comparison: Comparison, row: Row) -> Sequence[Cell]:
    """Return the cells that a table shows of a row: its mean is the last, where there is one."""
    return (*row.cells, row.mean) if comparison.mean_name else row.cells


def _deviation_note(counts: set[int], seeds: str, where: str) -> str:
    if counts == {1}:
        text = f"values of {seeds}, so no spread is known."
    else:
        alone = "; a value without ± is of one seed" if 1 in counts else ""
        text = f"mean ± sample standard deviation over {seeds}{alone}."
    return where + text if where else text[0].upper() + text[1:]


def _score_notes(comparison: Comparison, evidence: Evidence) -> list[str]:
    splits = {task: list(result.scores) for result in evidence.every_result if len(result.scores) > 1
              for task in (evidence.task_title(result.task),)}  # fmt: skip
    over = "".join(f"; {task} over {' and '.join(names)}" for task, names in splits.items())
    lines = [f"A task's score, in percent, is the mean of the figures in its column's head{over}."]
    if comparison.mean_name:
        lines.append(
            f"{comparison.mean_name[0].upper()}{comparison.mean_name[1:]}: for each seed the mean of the scores of "
            f"{', '.join(map(evidence.task_title, comparison.mean_tasks))}; then mean and deviation over seeds."
        )
    if comparison.mean_name and any(row.mean.values and not comparison.is_ranked(row) for row in comparison.rows):
        lines.append("A mean that is named in its cell is over other tasks or data, and is not compared.")
    return lines


def _partial_notes(comparison: Comparison, evidence: Evidence) -> list[str]:
    missing = {result.task: result.data.missing_splits for result in evidence.every_result}
    names = "; ".join(
        f"{evidence.task_title(task)} lacks {', '.join(splits)}" for task, splits in missing.items() if splits
    )
    return [f"* : scored without a split that the data do not hold: {names}."] if names else []
