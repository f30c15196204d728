"""The leaderboard: ranks that may be shared, scores with their intervals, and what each model costs."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.statistics.intervals import Estimate
from harness.statistics.ranking import letters
from reports.analysis.cautions import Caution
from reports.analysis.comparison import Cell, Comparison, Row
from reports.analysis.conclusions import interval, ranked
from reports.analysis.costs import ModelCosts, model_costs
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence
from reports.page import costs
from reports.text.numbers import SIGNS, metric_name, number, unit_names

COSTS: Mapping[str, Callable[[ModelCosts], str]] = {
    "latency p50, ms": costs.latency,
    "examples/s": costs.throughput,
    "parameters, M": costs.most_parameters,
    "training, core s": costs.training_time,
    "peak memory of the trial, MiB": costs.trial_memory,
}
"""Columns of costs, by their heads."""
NUM_COSTS_FIRST = 3
"""So many stand before the tasks, the others behind them."""


@dataclass(frozen=True, kw_only=True)
class ShownScore:
    """A score as it is shown: the value, what is known of its variance, and whether it is the column's best."""

    text: str
    spread: str = ""
    """Its interval, or the deviation over seeds; empty where neither is known."""
    note: str = ""
    caution: str = ""
    """What speaks against trusting it, in a few words."""
    is_best: bool = False
    low: float = math.nan
    value: float = math.nan
    high: float = math.nan


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One model's row."""

    label: str
    file: str
    """The submission's, where the model is one; else empty."""
    rank: str
    rank_range: str
    """The ranks that it may have, ``1–2``; empty where there is one."""
    group: str
    """Letters; two models that share one do not differ significantly."""
    mean: ShownScore | None
    """``None`` where the comparison has no mean."""
    scores: tuple[ShownScore, ...]
    costs: tuple[str, ...]
    date: str


@dataclass(frozen=True, kw_only=True)
class Leaderboard:
    """The table and what its heads say."""

    mean_name: str
    tasks: tuple[tuple[str, str], ...]
    """Title and metrics of each task."""
    costs: tuple[str, ...]
    entries: tuple[Entry, ...]
    scale: tuple[float, float]
    """Where the intervals of means begin and end, for their drawing."""

    @property
    def has_groups(self) -> bool:
        """Whether there are two models that do not differ significantly."""
        return any(entry.group for entry in self.entries)


def leaderboard(
    evidence: Evidence, comparison: Comparison, analysis: Analysis, found: Iterable[Caution] = ()
) -> Leaderboard:
    """Return all models, with the cautions ``found``: those with a rank first, then the others, each by their means."""
    by_mean = [row.model for row in comparison.ranking()]
    with_rank = [label for label in by_mean if label in analysis.standings]
    order = dict.fromkeys([*with_rank, *ranked(analysis), *by_mean, *(row.model for row in comparison.rows)])
    rows = {row.model: row for row in comparison.rows}
    shared = letters(analysis.groups)
    warned = _by_pair(found)
    known = _Known(evidence=evidence, comparison=comparison, analysis=analysis, warned=warned)
    entries = tuple(_entry(known, rows[label], letters=shared.get(label, "")) for label in order)
    return Leaderboard(
        mean_name=comparison.mean_name,
        tasks=tuple((column.title, "/".join(map(metric_name, column.metrics))) for column in comparison.columns),
        costs=tuple(COSTS),
        entries=entries,
        scale=_scale(entries),
    )


@dataclass(frozen=True, kw_only=True)
class _Known:
    evidence: Evidence
    comparison: Comparison
    analysis: Analysis
    warned: Mapping[tuple[str, str], str]


def _by_pair(found: Iterable[Caution]) -> dict[tuple[str, str], str]:
    texts: dict[tuple[str, str], list[str]] = {}
    for one in found:
        texts.setdefault((one.task, one.label), []).append(one.text)
    return {pair: "; ".join(parts) for pair, parts in texts.items()}


def _entry(known: _Known, row: Row, *, letters: str) -> Entry:
    evidence, comparison, analysis = known.evidence, known.comparison, known.analysis
    found = model_costs(evidence, row.model)
    standing = analysis.standings.get(row.model)
    rank_range = f"{standing.first}–{standing.last}" if standing and standing.first != standing.last else ""
    cells = zip(comparison.columns, row.cells, strict=True)
    dates = [result.created for task in evidence.tasks for result in evidence.results.get((task, row.model), ())]
    return Entry(
        label=row.model,
        file=next((r.submission.file for r in evidence.models[row.model].results if r.submission), ""),
        rank=str(standing.first) if standing else "–",
        rank_range=rank_range,
        group=letters,
        mean=_mean(comparison, analysis, row) if comparison.mean_name else None,
        scores=tuple(
            replace(
                shown_score(cell, analysis.scores.get((column.task, row.model))),
                caution=known.warned.get((column.task, row.model), ""),
            )
            for column, cell in cells
        ),
        costs=tuple(text(found) if found else "" for text in COSTS.values()),
        date=max(dates, default="")[:10],
    )


def _mean(comparison: Comparison, analysis: Analysis, row: Row) -> ShownScore:
    if not row.mean.values:
        return ShownScore(text="")
    note = "" if comparison.is_ranked(row) else row.mean_name
    return shown_score(row.mean, analysis.means.get(row.model), note=note)


def shown_score(cell: Cell, estimate: Estimate | None, *, note: str = "") -> ShownScore:
    """Return a cell with its interval; where none is known, with the deviation over its seeds."""
    if not cell.values:
        return ShownScore(text=SIGNS[cell.status])
    text = number(cell.mean, cell.unit) + ("*" if cell.is_partial else "")
    spread = f"± {number(cell.deviation, cell.unit)}" if cell.deviation is not None else ""
    low = high = math.nan
    if estimate and not math.isnan(estimate.low):
        low, high = estimate.low, estimate.high
        spread = interval(low, high, cell.unit)
    return ShownScore(text=text, spread=spread, note=note, is_best=cell.is_best, low=low, value=cell.mean, high=high)


def _scale(entries: Sequence[Entry]) -> tuple[float, float]:
    """Return the least and the greatest end of the means' intervals, or of the means themselves."""
    shown = [entry.mean or entry.scores[0] for entry in entries if entry.mean or entry.scores]
    ends = [end for score in shown for end in (score.low, score.value, score.high) if not math.isnan(end)]
    low, high = min(ends, default=0.0), max(ends, default=0.0)
    return (low, high) if low < high else (low - 1.0, high + 1.0)


def caption(analysis: Analysis) -> str:
    """Return what stands above the table: what its scores and brackets are."""
    known = [
        estimate for estimate in (*analysis.means.values(), *analysis.scores.values()) if not math.isnan(estimate.low)
    ]
    units = unit_names(estimate.unit for estimate in analysis.scores.values())
    if not known:
        return f"Scores in {units}; costs: median over tasks"
    of_seeds = (
        "one seed each: evaluation sampling only" if {e.num_seeds for e in known} == {1} else "seeds and examples"
    )
    return f"Scores in {units}, 95 % intervals ({of_seeds}); costs: median over tasks"
