"""What stands below a table: what its signs and words mean."""

import math
from collections.abc import Sequence

from harness.statistics.intervals import Estimate
from reports.analysis.comparison import Cell, Comparison, Row
from reports.analysis.constant import constant_notes
from reports.analysis.pretraining import worth_notes
from reports.analysis.reading import reading_notes, start_notes
from reports.analysis.statistics import NO_ANALYSIS, Analysis
from reports.evidence import banners
from reports.evidence.results import Evidence
from reports.text.numbers import unit_names

RANKS = (
    "Rank: one more than the number of models that are significantly better; a range is the simultaneous 95 % "
    "confidence set of ranks."
)


def interval_note(num_seeds: int) -> str:
    """Return what intervals of that many seeds reflect, in a sentence."""
    if num_seeds == 1:
        return "One seed each: intervals reflect evaluation sampling only, not seed variance."
    return "Intervals reflect evaluation sampling and seed variance."


def estimates(comparison: Comparison, row: Row, analysis: Analysis) -> list[Estimate | None]:
    """Return what is known of the interval of each cell of a row, and of its mean, last."""
    found = [analysis.scores.get((column.task, row.model)) for column in comparison.columns]
    mean = analysis.means.get(row.model) if comparison.is_ranked(row) else None
    return [e if e is not None and not math.isnan(e.low) else None for e in (*found, mean)]


def notes(comparison: Comparison, evidence: Evidence, analysis: Analysis = NO_ANALYSIS) -> list[str]:
    """Return what the table's signs and words mean: only those that occur in it."""
    return [
        *_spread_notes(comparison, analysis),
        *_score_notes(comparison, evidence),
        "Bold: the best mean of a column; means that read the same are bold together.",
        *remarks(comparison, evidence, analysis),
    ]


def remarks(comparison: Comparison, evidence: Evidence, analysis: Analysis = NO_ANALYSIS) -> list[str]:
    """Return what must be said of some cells and models alone; often nothing."""
    found = {cell.status for row in comparison.rows for cell in row.cells}
    signs = {
        "unsupported": f"– : the model does not support this task's kind of output{_unsupported(evidence)}.",
        "failed": "failed: no seed of this pair has a result, and at least one failed.",
        "absent": f"no data: the source does not hold the task ({_absent(evidence)}).",
        "missing": "… : not run yet.",
        "not asked": "blank: not part of the model's run.",
    }
    return [
        *(text for status, text in signs.items() if status in found),
        *_partial_notes(comparison, evidence),
        *_left_out_notes(evidence),
        *worth_notes(evidence, analysis),
        *start_notes(evidence),
        *reading_notes(evidence),
        *banners.submissions(evidence),
        *constant_notes(analysis.constant, evidence),
        *analysis.reasons,
    ]


def _unsupported(evidence: Evidence) -> str:
    reasons = {model: reason for run in evidence.runs for model, reason in run.info.unsupported_reasons.items()}
    return f" ({'; '.join(f'{model}: {reason}' for model, reason in reasons.items())})" if reasons else ""


def _absent(evidence: Evidence) -> str:
    reasons = {evidence.task_title(task): reason for run in evidence.runs for task, reason in run.info.absent.items()}
    return "; ".join(f"{title}: {reason.rstrip('.')}" for title, reason in reasons.items())


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
        lines.append(f"Mean over {seeds}{elsewhere} [95 % interval]. {interval_note(comparison.num_seeds)}")
    if counts := {count for count, estimate in pairs if not estimate}:
        lines.append(_deviation_note(counts, seeds + elsewhere, "Without an interval: " if lines else ""))
    if analysis.standings:
        lines.append(RANKS)
    return lines or [f"Values of {seeds}; standard deviation not known."]


def _cells(comparison: Comparison, row: Row) -> Sequence[Cell]:
    """Return the cells that a table shows of a row: its mean is the last, where there is one."""
    return (*row.cells, row.mean) if comparison.mean_name else row.cells


def _deviation_note(counts: set[int], seeds: str, where: str) -> str:
    if counts == {1}:
        text = f"values of {seeds}; standard deviation not known."
    else:
        alone = "; a value without ± is of one seed" if 1 in counts else ""
        text = f"mean ± sample standard deviation over {seeds}{alone}."
    return where + text if where else text[0].upper() + text[1:]


def _score_notes(comparison: Comparison, evidence: Evidence) -> list[str]:
    splits = {task: list(result.scores) for result in evidence.every_result if len(result.scores) > 1
              for task in (evidence.task_title(result.task),)}  # fmt: skip
    over = "".join(f"; {task} over {' and '.join(names)}" for task, names in splits.items())
    units = unit_names(column.unit for column in comparison.columns)
    lines = [f"A task's score, in {units}, is the mean of the metrics in its column's head{over}."]
    if comparison.mean_name:
        lines.append(
            f"{comparison.mean_name[0].upper()}{comparison.mean_name[1:]}: for each seed the mean of the scores of "
            f"{', '.join(map(evidence.task_title, comparison.mean_tasks))}; then mean and "
            "standard deviation over seeds."
        )
    lines += comparison.reasons_without_mean
    if comparison.unranked:
        lines.append("A mean that is named in its cell is over other tasks or data, and is not compared.")
    return lines


def _partial_notes(comparison: Comparison, evidence: Evidence) -> list[str]:
    missing = {result.task: result.data.missing_splits for result in evidence.every_result}
    names = "; ".join(
        f"{evidence.task_title(task)} lacks {', '.join(splits)}" for task, splits in missing.items() if splits
    )
    return [f"* : scored without a split that the data do not hold: {names}."] if names else []


def _left_out_notes(evidence: Evidence) -> list[str]:
    counts = {
        f"{evidence.task_title(result.task)}, {split}: {count} ({reason})"
        for result in evidence.every_result
        for split, reasons in result.data.left_out.items()
        for reason, count in reasons.items()
    }
    return [f"Rows left out by the data set's own rules: {'; '.join(sorted(counts))}."] if counts else []
