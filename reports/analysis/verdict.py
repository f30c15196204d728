"""The verdict: which model to take, by need, and what speaks against trusting a score; each a sentence or two."""

import math
from collections.abc import Mapping, Sequence

from reports.analysis.cautions import Caution, baselines
from reports.analysis.comparison import Comparison, Row
from reports.analysis.conclusions import listed
from reports.analysis.costs import model_costs
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence
from reports.text.names import without_shared_prefix
from reports.text.numbers import number

MAX_NAMES = 3


def verdict(evidence: Evidence, comparison: Comparison, analysis: Analysis) -> str:
    """Return a recommendation by need; empty where fewer than two models compare.

    ``Best: minilm, 62.6. Best under 2 ms: bag, 58.7. Not significantly different from the best: none.``
    """
    rows = _best_first(comparison)
    if len(rows) < 2:
        return ""
    names = without_shared_prefix(list(evidence.models))
    sentences = [f"Best: {_scored(rows[0], names)}.", _fast(evidence, rows, names), _tie(analysis, rows, names)]
    return " ".join(filter(None, sentences))


def caution(found: Sequence[Caution], evidence: Evidence) -> str:
    """Return what is to be said of scores, a sentence a kind, each model with its tasks; empty where there is none."""
    names = without_shared_prefix(list(evidence.models))
    kinds: dict[str, dict[str, list[str]]] = {}
    for one in found:
        kinds.setdefault(one.kind, {}).setdefault(one.label, []).append(evidence.task_title(one.task))
    return " ".join(
        f"{kind}: {listed([f'{names[label]} ({_tasks(tasks)})' for label, tasks in models.items()], limit=MAX_NAMES)}."
        for kind, models in kinds.items()
    )


def _tasks(titles: Sequence[str]) -> str:
    return ", ".join(titles) if len(titles) <= MAX_NAMES else f"{len(titles)} tasks"


def _best_first(comparison: Comparison) -> list[Row]:
    """Return the rows whose means compare, the best first."""
    return [row for row in comparison.ranking() if comparison.is_ranked(row) or len(comparison.columns) == 1]


def _scored(row: Row, names: Mapping[str, str]) -> str:
    return f"{names[row.model]}, {number(row.mean.mean, row.mean.unit)}"


def _fast(evidence: Evidence, rows: Sequence[Row], names: Mapping[str, str]) -> str:
    """Return the best of the models that take less than the largest round latency that the best one exceeds."""
    latencies = _latencies(evidence, [row.model for row in rows])
    slowest = latencies.get(rows[0].model, 0.0)
    if slowest <= 0.0:
        return ""
    limit = round_below(slowest)
    trivial = baselines(evidence)
    for row in rows[1:]:
        if latencies.get(row.model, math.inf) < limit and row.model not in trivial:
            return f"Best under {limit:g} ms: {_scored(row, names)}."
    return ""


def _latencies(evidence: Evidence, labels: Sequence[str]) -> dict[str, float]:
    """Return medians in milliseconds of those models that were timed on as many tasks as the first."""
    costs = {label: found for label in labels if (found := model_costs(evidence, label)) and found.speed}
    most = costs[labels[0]].num_timed if labels[0] in costs else 0
    return {
        label: 1e3 * found.speed.latency_seconds["p50"]
        for label, found in costs.items()
        if found.speed and found.num_timed == most
    }


def round_below(value: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is not above a positive value.

    >>> [round_below(value) for value in (3.4, 1.0, 0.7, 99.0)]
    [2.0, 1.0, 0.5, 50.0]
    """
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (1, 2, 5) if step * power <= value)


def _tie(analysis: Analysis, rows: Sequence[Row], names: Mapping[str, str]) -> str:
    if not analysis.standings:
        return "Differences were not tested."
    first = [row.model for row in rows[1:] if row.model in analysis.standings]
    tied = [names[label] for label in first if analysis.standings[label].first == 1]
    return f"Not significantly different from the best: {listed(tied, limit=MAX_NAMES) or 'none'}."
