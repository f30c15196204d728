"""The comparison as a paper prints it: each metric of a task, the half-width of its interval, tie groups, a caption."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from harness.statistics.intervals import Estimate
from harness.statistics.ranking import letters
from harness.store.records import Result
from reports.analysis.comparison import Column, Comparison, Row
from reports.analysis.notes import RANKS, interval_note, remarks
from reports.analysis.section import Section
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence
from reports.text.numbers import SIGNS, decimals, known, metric_name

SPLIT_NAMES = {"validation_matched": "m", "validation_mismatched": "mm", "test_matched": "m", "test_mismatched": "mm"}


@dataclass(frozen=True, kw_only=True)
class PaperNumber:
    """A mean over seeds in percent; half the width of its interval, or where no interval is known its deviation."""

    mean: float
    half_width: float | None = None
    is_best: bool = False
    unit: str = "%"


@dataclass(frozen=True, kw_only=True)
class PaperCell:
    """The numbers of a task, one a metric and split, ``None`` for one that is missing; or a text in their place."""

    numbers: tuple[PaperNumber | None, ...] = ()
    text: str = ""
    mark: str = ""
    """Stands raised behind it."""


@dataclass(frozen=True, kw_only=True)
class PaperColumn:
    """A column under its two heads, a cell a model."""

    title: str
    metrics: str
    cells: tuple[PaperCell, ...]


@dataclass(frozen=True, kw_only=True)
class PaperTable:
    """The models by rank, and what is said of them."""

    models: tuple[str, ...]
    columns: tuple[PaperColumn, ...]
    caption: tuple[str, ...]
    """Sentences."""
    notes: tuple[str, ...]
    """Sentences for below."""


def paper_table(section: Section) -> PaperTable:
    """Return the comparison of a section; the ranked models first, the others in the order of the runs."""
    comparison, analysis = section.comparison, section.analysis
    ranked = [row.model for row in comparison.ranking()]
    order = dict.fromkeys([*analysis.standings, *ranked, *(row.model for row in comparison.rows)])
    by_model = {row.model: row for row in comparison.rows}
    rows = [by_model[model] for model in order]
    columns = [_ranks(analysis, rows)] if analysis.standings else []
    columns += [_task(section, rows, index) for index in range(len(comparison.columns))]
    columns += [_means(section, rows)] if comparison.mean_name else []
    return PaperTable(
        models=tuple(order),
        columns=tuple(columns),
        caption=tuple(_caption(section)),
        notes=(*_notes(section), *_remarks(comparison), *remarks(comparison, section.evidence, analysis)),
    )


def _ranks(analysis: Analysis, rows: Sequence[Row]) -> PaperColumn:
    groups, cells = letters(analysis.groups), []
    for row in rows:
        standing = analysis.standings.get(row.model)
        ranks = dict.fromkeys((standing.first, standing.last)) if standing else {}
        cells.append(PaperCell(text="–".join(map(str, ranks)), mark=groups.get(row.model, "").replace(" ", "")))
    return PaperColumn(title="Rank", metrics="", cells=tuple(cells))


def _task(section: Section, rows: Sequence[Row], index: int) -> PaperColumn:
    column = section.comparison.columns[index]
    parts = _parts(section.evidence, column)
    cells = []
    for row in rows:
        cell = row.cells[index]
        results = section.evidence.results.get((column.task, row.model), ())
        numbers = tuple(_number(section, row.model, results, part) for part in parts) if cell.values else ()
        cells.append(PaperCell(numbers=numbers, text=SIGNS.get(cell.status, ""), mark="*" if cell.is_partial else ""))
    splits = dict.fromkeys(split for split, _ in parts)
    of_splits = "/".join(SPLIT_NAMES.get(split, split.replace("_", " ")) for split in splits) if len(splits) > 1 else ""
    metrics = "/".join(map(metric_name, column.metrics))
    marked = _with_best(cells, higher_is_better=column.higher_is_better)
    return PaperColumn(title=column.title, metrics=f"{of_splits} {metrics}".strip(), cells=tuple(marked))


def _parts(evidence: Evidence, column: Column) -> list[tuple[str, str]]:
    """Return splits and metrics in the order in which a task's numbers stand."""
    found = dict.fromkeys(split for result in evidence.every_result if result.task == column.task
                          for split in result.scores)  # fmt: skip
    return [(split, metric) for split in found for metric in column.metrics]


def _number(section: Section, model: str, results: Sequence[Result], part: tuple[str, str]) -> PaperNumber | None:
    split, metric = part
    values = known(result.scores.get(split, {}).get(metric) for result in results)
    if not values:
        return None
    estimate = section.analysis.metric_values.get((results[0].task, model, split, metric))
    half_width = _spread(section.analysis, values, estimate)
    return PaperNumber(mean=fmean(values), half_width=half_width, unit=results[0].unit)


def _spread(analysis: Analysis, values: Sequence[float], estimate: Estimate | None) -> float | None:
    """Return half the width of the interval; where none of the table's is known, the deviation over seeds."""
    if analysis.scores:
        return (estimate.high - estimate.low) / 2 if estimate and estimate.low <= estimate.high else None
    return stdev(values) if len(values) > 1 else None


def _means(section: Section, rows: Sequence[Row]) -> PaperColumn:
    comparison, analysis, cells = section.comparison, section.analysis, []
    for row in rows:
        is_ranked, values = comparison.is_ranked(row), row.mean.values
        number = PaperNumber(
            mean=row.mean.mean if values else 0.0,
            half_width=_spread(analysis, values, analysis.means.get(row.model) if is_ranked else None),
            is_best=row.mean.is_best,
            unit=row.mean.unit,
        )
        cells.append(PaperCell(numbers=(number,) if values else (), mark="" if is_ranked or not values else "†"))
    title, _, rest = comparison.mean_name.partition(" ")
    return PaperColumn(title=title[0].upper() + title[1:], metrics=rest, cells=tuple(cells))


def _with_best(cells: Sequence[PaperCell], *, higher_is_better: bool) -> list[PaperCell]:
    """Mark the best of each number; those that read the same are best together."""
    best = max if higher_is_better else min
    tops = [
        best((round(number.mean, decimals(number.unit)) for number in numbers if number), default=None)
        for numbers in zip(*(cell.numbers for cell in cells if cell.numbers), strict=True)
    ]
    return [
        replace(
            cell,
            numbers=tuple(
                number and replace(number, is_best=round(number.mean, decimals(number.unit)) == top)
                for number, top in zip(cell.numbers, tops, strict=False)
            ),
        )
        for cell in cells
    ]


def _caption(section: Section) -> list[str]:
    comparison, analysis = section.comparison, section.analysis
    num_seeds = comparison.num_seeds
    signs = [f"mean over {num_seeds} seeds" if num_seeds > 1 else "one seed"]
    if analysis.scores:
        signs.append("± half the width of the 95 % interval")
    elif num_seeds > 1:
        signs.append("± sample standard deviation")
    signs.append("bold: best of a column")
    if letters(analysis.groups):
        signs.append("a shared letter: not significantly different")
    about = [_splits(section.evidence), *section.banners]
    return [f"{section.title} ({'; '.join(about)}).", f"Percent, {'; '.join(signs)}."]


def _notes(section: Section) -> list[str]:
    comparison, analysis = section.comparison, section.analysis
    lines = [interval_note(comparison.num_seeds)] if analysis.scores else []
    if analysis.standings:
        lines.append(RANKS)
    if letters(analysis.groups):
        lines.append("Letters: paired tests on the same examples, Holm's correction, 5 % level.")
    if comparison.mean_name:
        lines.append(
            f"{comparison.mean_name[0].upper()}{comparison.mean_name[1:]}: a task's score is the mean of its metrics."
        )
    return lines


def _splits(evidence: Evidence) -> str:
    """Return which splits were scored: ``validation split``, and the tasks that have others."""
    by_task: dict[str, dict[str, None]] = {}
    for result in evidence.every_result:
        by_task.setdefault(result.task, {}).update(dict.fromkeys(result.scores))
    tasks: dict[tuple[str, ...], list[str]] = {}
    for task in evidence.tasks:
        if splits := tuple(by_task.get(task, ())):
            tasks.setdefault(splits, []).append(evidence.task_title(task))
    if not tasks:
        return "not run yet"
    usual = max(tasks, key=lambda splits: len(tasks[splits]))
    others = [f"{', '.join(titles)} {'/'.join(splits)}" for splits, titles in tasks.items() if splits != usual]
    return f"{'/'.join(usual)} split{'s' * (len(usual) > 1)}" + "".join(f", {text}" for text in others)


def _remarks(comparison: Comparison) -> list[str]:
    fewer = [
        f"{row.model} on {column.title}: {len(cell.values)}"
        for row in comparison.rows
        for column, cell in zip(comparison.columns, row.cells, strict=True)
        if cell.values and len(cell.values) != comparison.num_seeds
    ]
    others = [f"{row.model}: {row.mean_name}" for row in comparison.unranked]
    return [
        *([f"Other numbers of seeds: {', '.join(fewer)}."] if fewer else []),
        *([f"† : over other tasks or data, and not compared ({', '.join(others)})."] if others else []),
        *comparison.reasons_without_mean,
    ]
