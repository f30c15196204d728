"""The comparison as a terminal shows it: the best model first, its mean, interval and latency before its tasks."""

from reports.analysis.comparison import Cell, Row
from reports.analysis.conclusions import interval, ranked
from reports.analysis.costs import model_costs
from reports.analysis.notes import estimates
from reports.analysis.section import Section
from reports.formats.comparison import cell_text, rank_text
from reports.formats.comparison_table import RankedModel, Ranking, TableCell
from reports.text.numbers import SIGNS, metric_name, milliseconds, number


def ranking(section: Section) -> Ranking:
    """Return models with a rank first, then others by their means, then those without."""
    comparison = section.comparison
    rows = {row.model: row for row in comparison.rows}
    order = [*ranked(section.analysis), *(row.model for row in comparison.ranking()), *rows]
    tasks = tuple((column.title, "/".join(map(metric_name, column.metrics))) for column in comparison.columns)
    alone = "" if comparison.mean_name else " ".join(tasks[0]) if tasks else ""
    return Ranking(
        mean=comparison.mean_name or alone,
        tasks=() if alone else tasks,
        models=tuple(_model(section, rows[label]) for label in dict.fromkeys(order)),
    )


def _model(section: Section, row: Row) -> RankedModel:
    comparison = section.comparison
    *known, mean = estimates(comparison, row, section.analysis)
    scores = [
        TableCell(text=cell_text(cell, num_seeds=comparison.num_seeds, estimate=estimate), is_best=cell.is_best)
        for cell, estimate in zip(row.cells, known, strict=True)
    ]
    shown = row.mean
    if not comparison.mean_name and row.cells:
        (shown, mean), scores = (row.cells[0], known[0]), []
    return RankedModel(
        rank=rank_text(section.analysis, row.model),
        model=row.model,
        mean=TableCell(text=_mean_text(shown), is_best=shown.is_best),
        interval=_spread(shown, (mean.low, mean.high) if mean else None, comparison.num_seeds),
        latency=_latency(section, row.model),
        scores=tuple(scores),
        note=row.mean_name if row in comparison.unranked else "",
    )


def _mean_text(cell: Cell) -> str:
    if not cell.values:
        return SIGNS[cell.status] if cell.status != "missing" else "–"
    return f"{number(cell.mean, cell.unit)}{'*' if cell.is_partial else ''}"


def _spread(cell: Cell, ends: tuple[float, float] | None, num_seeds: int) -> str:
    deviation = "" if cell.deviation is None else f"± {number(cell.deviation, cell.unit)}"
    spread = interval(*ends, cell.unit) if ends else deviation
    return f"{spread} (n = {len(cell.values)})".strip() if cell.values and len(cell.values) != num_seeds else spread


def _latency(section: Section, label: str) -> str:
    costs = model_costs(section.evidence, label)
    if not costs or not costs.speed:
        return ""
    return f"{milliseconds(costs.speed.latency_seconds['p50'])} ms"
