"""The comparison: models by tasks, mean and spread over seeds, and a score over tasks that is named for what it is.

A mean that may not bear the suite's name ("GLUE score"; :mod:`harness.store.naming` decides) is never ranked against a
mean over other tasks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from harness.store.naming import mean_name_in_run, plain_mean_name, reason_without_mean
from harness.store.records import Result
from reports.evidence.results import Evidence
from reports.text.numbers import Status, decimals, unit_names


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One score of the table: the mean over seeds, and their sample standard deviation from two on."""

    status: Status
    values: tuple[float, ...] = ()
    """One a seed."""
    is_best: bool = False
    is_partial: bool = False
    """Whether a split that the task has was not there to be scored."""
    unit: str = "%"

    @property
    def mean(self) -> float:
        """The mean over seeds."""
        return fmean(self.values)

    @property
    def deviation(self) -> float | None:
        """The sample standard deviation over seeds; ``None`` for one seed."""
        return stdev(self.values) if len(self.values) > 1 else None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One task: its title, the metrics whose mean is its score, and which way that is better."""

    task: str
    title: str
    metrics: tuple[str, ...]
    higher_is_better: bool = True
    unit: str = "%"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One model: a cell a task, and the mean over those that it has."""

    model: str
    cells: tuple[Cell, ...]
    mean: Cell
    mean_tasks: tuple[str, ...]
    mean_name: str
    """What the mean over tasks may be called; empty without one."""
    reason_without_mean: str = ""
    """Why there is none although there are scores, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The table as values, before it is Markdown, LaTeX or CSV."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    mean_name: str
    """The head of the last column; empty if there is one task only, or no result."""
    mean_tasks: tuple[str, ...]
    """The tasks of that mean; a row over others says so, and is not ranked."""
    num_seeds: int

    @property
    def reasons_without_mean(self) -> tuple[str, ...]:
        """Why rows with scores have no mean, each reason once."""
        return tuple(dict.fromkeys(row.reason_without_mean for row in self.rows if row.reason_without_mean))

    def is_ranked(self, row: Row) -> bool:
        """Return whether the row's mean is of the kind that the column's head names."""
        return row.mean_name == self.mean_name and row.mean_tasks == self.mean_tasks

    @property
    def unranked(self) -> list[Row]:
        """The rows whose mean is not of the kind that the column's head names; none where there is no such column."""
        return [row for row in self.rows if self.mean_name and row.mean.values and not self.is_ranked(row)]

    def ranking(self) -> list[Row]:
        """Return the rows with a mean, those over most tasks first, then the best first."""
        scored = [row for row in self.rows if row.mean.values]
        return sorted(scored, key=lambda row: (-len(row.mean_tasks), -self.goodness(row)))

    def goodness(self, row: Row) -> float:
        """Return the row's mean, with the sign turned where lower is better."""
        return row.mean.mean if all(column.higher_is_better for column in self.columns) else -row.mean.mean


def compare(evidence: Evidence) -> Comparison:
    """Return the comparison of all models that may stand together."""
    columns = tuple(
        Column(
            task=task,
            title=evidence.task_title(task),
            metrics=evidence.headline(task),
            higher_is_better=evidence.higher_is_better(task),
            unit=evidence.unit(task),
        )
        for task in evidence.tasks
    )
    rows = _named([_row(evidence, label) for label in evidence.models])
    head = max(rows, key=lambda row: (len(row.mean_tasks), _is_official(row)), default=None)
    has_mean = head is not None and bool(head.mean_tasks) and len(columns) > 1
    comparison = Comparison(
        columns=columns,
        rows=tuple(rows),
        mean_name=head.mean_name if head and has_mean else "",
        mean_tasks=head.mean_tasks if head and has_mean else (),
        num_seeds=max(run.info.num_seeds for run in evidence.runs),
    )
    return _with_best(comparison)


def _is_official(row: Row) -> bool:
    return row.mean_name != plain_mean_name(len(row.mean_tasks))


def _named(rows: Sequence[Row]) -> list[Row]:
    """Give means over the same tasks one name: the suite's only if each may bear it."""
    names: dict[tuple[str, ...], set[str]] = {}
    for row in rows:
        names.setdefault(row.mean_tasks, set()).add(row.mean_name)
    return [
        row if len(names[row.mean_tasks]) == 1 else replace(row, mean_name=plain_mean_name(len(row.mean_tasks)))
        for row in rows
    ]


def _row(evidence: Evidence, label: str) -> Row:
    found = {task: results for task in evidence.tasks if (results := evidence.results.get((task, label)))}
    by_seed = _whole_seeds(found)
    tasks = tuple(task for task in evidence.tasks if any(task in scores for scores in by_seed))
    data = {task: [result.data for result in found[task]] for task in tasks}
    reason = reason_without_mean({evidence.task_title(task): records for task, records in data.items()})
    if reason := reason or _reason_apart(evidence, tasks):
        by_seed, tasks = [], ()
    means = tuple(fmean(scores[task] for task in tasks) for scores in by_seed)
    return Row(
        model=label,
        cells=tuple(_cell(evidence, task, label) for task in evidence.tasks),
        mean=Cell(status="scored" if means else "missing", values=means, unit=_unit(evidence, tasks)),
        mean_tasks=tasks,
        mean_name=mean_name_in_run(evidence.models[label].info, data) if means else "",
        reason_without_mean=reason,
    )


def _reason_apart(evidence: Evidence, tasks: Sequence[str]) -> str:
    """Return why scores have no mean although their data compare: each is in another unit."""
    units = {evidence.unit(task): evidence.task_title(task) for task in reversed(tasks)}
    if len(units) < 2:
        return ""
    listed = ", ".join(f"{title} in {unit_names([unit])}" for unit, title in reversed(units.items()))
    return f"No mean, as scores are not in one unit: {listed}."


def _unit(evidence: Evidence, tasks: Iterable[str]) -> str:
    units = {evidence.unit(task) for task in tasks}
    return units.pop() if len(units) == 1 else ""


def _whole_seeds(found: Mapping[str, Sequence[Result]]) -> list[dict[str, float]]:
    """Return scores by task for each seed that has the most tasks; of two sets as large, the lowest seed's counts."""
    by_seed: dict[int, dict[str, float]] = {}
    for task, results in found.items():
        for result in results:
            by_seed.setdefault(result.seed, {})[task] = result.score
    if not by_seed:
        return []
    fullest = min(by_seed, key=lambda seed: (-len(by_seed[seed]), seed))
    return [scores for _, scores in sorted(by_seed.items()) if scores.keys() == by_seed[fullest].keys()]


def _cell(evidence: Evidence, task: str, label: str) -> Cell:
    results = evidence.results.get((task, label), ())
    if results:
        is_partial = any(result.data.missing_splits for result in results)
        values = tuple(result.score for result in results)
        return Cell(status="scored", values=values, is_partial=is_partial, unit=evidence.unit(task))
    if (task, label) in evidence.unsupported:
        return Cell(status="unsupported")
    if (task, label) in evidence.failures:
        return Cell(status="failed")
    info = evidence.models[label].info
    return Cell(status="absent" if task in info.absent else "missing" if task in info.tasks else "not asked")


def _with_best(comparison: Comparison) -> Comparison:
    """Mark the best mean of each column; those that read the same are best together."""
    columns = zip(*(row.cells for row in comparison.rows), strict=True)
    directions = [column.higher_is_better for column in comparison.columns]
    best = [_best(cells, higher_is_better=higher) for cells, higher in zip(columns, directions, strict=True)]
    ranked = [row.mean for row in comparison.rows if comparison.is_ranked(row)]
    best_mean = _best(ranked, higher_is_better=all(directions))
    rows = (
        replace(
            row,
            cells=tuple(replace(cell, is_best=_shown(cell) == top) for cell, top in zip(row.cells, best, strict=True)),
            mean=replace(row.mean, is_best=comparison.is_ranked(row) and _shown(row.mean) == best_mean),
        )
        for row in comparison.rows
    )
    return replace(comparison, rows=tuple(rows))


def _shown(cell: Cell) -> float | None:
    return round(cell.mean, decimals(cell.unit)) if cell.values else None


def _best(cells: Sequence[Cell], *, higher_is_better: bool) -> float:
    """Return the best mean as shown, or NaN, which equals nothing."""
    best = max if higher_is_better else min
    return best((round(cell.mean, decimals(cell.unit)) for cell in cells if cell.values), default=float("nan"))
