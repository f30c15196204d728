"""Each pair over the commits that its runs were made at: scores with their intervals, and where the level shifted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import nan
from statistics import fmean, variance

from harness.api.task import Task
from harness.errors import RunError
from harness.statistics.comparison import PairedTest
from harness.statistics.intervals import Estimate
from harness.store.records import Result
from harness.store.run import Run
from reports.analysis.comparison import Cell, compare
from reports.analysis.shifts import Noise, Shift, find_shifts, seed_variance
from reports.analysis.statistics import Analysis, analyse
from reports.evidence import banners
from reports.evidence.results import Evidence, StoredRun, read_evidence

MEAN = "mean"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One run: its label, the commit that it was made at, and when."""

    label: str
    commit: str
    """Abbreviated; empty where it is not known."""
    created: str

    @property
    def name(self) -> str:
        """The commit, or the run's label where that is not known."""
        return self.commit or self.label


@dataclass(frozen=True, kw_only=True)
class Point:
    """A score of one run, in percent, with its 95 % interval, NaN where none is known."""

    moment: int
    """The position of its run among the moments."""
    value: float
    low: float
    high: float
    num_seeds: int


@dataclass(frozen=True, kw_only=True)
class Series:
    """One pair over the runs that have it, or a model's mean over the tasks."""

    task: str
    title: str
    model: str
    points: tuple[Point, ...]
    shifts: tuple[Shift, ...]
    """Their indexes are of ``points``."""
    levels: tuple[float, ...]
    """The level at each point."""


@dataclass(frozen=True, kw_only=True)
class History:
    """What one set of comparable runs shows, the runs in order."""

    evidence: Evidence
    moments: tuple[Moment, ...]
    series: tuple[Series, ...]
    notes: tuple[str, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """All models, in the order of the runs."""
        return tuple(dict.fromkeys(series.model for series in self.series))


def read_histories(runs: Sequence[Run], tasks: Mapping[str, Task], *, as_given: bool = False) -> list[History]:
    """Return a history for each set of runs that compare: runs of other data or limits are a history of their own.

    Runs are in the order in which they were begun, or ``as_given``. ``tasks`` say how predictions are scored.

    Raises:
        RunError: a run cannot be read, or none holds a result.
    """
    ordered = list(runs) if as_given else sorted(runs, key=lambda run: run.info().created)
    found = [_history(evidence, tasks) for evidence in read_evidence(ordered)]
    if not any(history.series for history in found):
        raise RunError(f"history: {', '.join(str(run.folder) for run in runs)}: holds no result yet.")
    return [history for history in found if history.series]


def _history(evidence: Evidence, tasks: Mapping[str, Task]) -> History:
    positions = {run.label: position for position, run in enumerate(evidence.runs)}
    series: list[Series] = []
    notes = list(banners.banners(evidence))
    for name, labels in _labels(evidence).items():
        found = _OfModel(replace(evidence, models={label: evidence.models[label] for label in labels}), tasks)
        series += found.series(name, [(label, positions[evidence.models[label].label]) for label in labels])
        notes += [reason for reason in found.reasons if reason not in notes]
    return History(
        evidence=evidence,
        moments=tuple(map(_moment, evidence.runs)),
        series=tuple(sorted(series, key=lambda one: [*evidence.tasks, MEAN].index(one.task))),
        notes=tuple(notes),
    )


def _labels(evidence: Evidence) -> dict[str, list[str]]:
    """Return the labels of each model, one a run, by its name."""
    found: dict[str, list[str]] = {}
    for label, stored in evidence.models.items():
        name = label if label in stored.models else label.removesuffix(f" ({stored.label})")
        found.setdefault(name, []).append(label)
    return found


def _moment(run: StoredRun) -> Moment:
    """Return a run's moment; trials of one run that were made at several commits leave none to name."""
    commits = {result.commit for result in run.results if result.commit}
    commit = commits.pop()[:9] if len(commits) == 1 else ""
    return Moment(label=run.label, commit=commit, created=max((r.created for r in run.results), default=""))


class _OfModel:
    """The runs of one model, with the statistics of every two of them on the same resamples."""

    def __init__(self, evidence: Evidence, tasks: Mapping[str, Task]) -> None:
        self._evidence = evidence
        self._comparison = compare(evidence)
        self.analysis: Analysis = analyse(evidence, self._comparison, tasks)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What could not be computed, and why, in sentences."""
        return (*self._comparison.reasons_without_mean, *self.analysis.reasons)

    def series(self, name: str, labels: Sequence[tuple[str, int]]) -> Iterator[Series]:
        """Yield a series a task, and that of the mean, of the runs that have it; ``labels`` with their moments."""
        rows = {row.model: row for row in self._comparison.rows}
        for index, column in enumerate(self._comparison.columns):
            cells = {label: rows[label].cells[index] for label, _ in labels}
            estimates = {label: self.analysis.scores.get((column.task, label)) for label, _ in labels}
            yield from self._one(name, (column.task, column.title), labels, cells, estimates)
        if self._comparison.mean_name:
            ranked = {label: rows[label].mean for label, _ in labels if self._comparison.is_ranked(rows[label])}
            means = {label: self.analysis.means.get(label) for label, _ in labels}
            yield from self._one(name, (MEAN, self._comparison.mean_name), labels, ranked, means)

    def _one(
        self,
        name: str,
        about: tuple[str, str],
        labels: Sequence[tuple[str, int]],
        cells: Mapping[str, Cell],
        estimates: Mapping[str, Estimate | None],
    ) -> Iterator[Series]:
        there = [(label, moment) for label, moment in labels if label in cells and cells[label].values]
        if not there:
            return
        points = tuple(_point(moment, cells[label], estimates[label]) for label, moment in there)
        task, title = about
        noise = self._noise(task, [label for label, _ in there], [cells[label].values for label, _ in there])
        steps = find_shifts([point.value for point in points], noise)
        yield Series(task=task, title=title, model=name, points=points, shifts=steps.shifts, levels=steps.levels)

    def _noise(self, task: str, labels: Sequence[str], seeds: Sequence[Sequence[float]]) -> Noise:
        """Return the variance of each point against the others: its seeds' part, and that of differing predictions.

        All points are of the same examples, so the sampling noise of the test set moves all of them alike and is no
        part of it; half of the examples' part of the difference of two neighbours is.
        """
        results = self._results(task, labels)
        several = any(len(values) > 1 for values in seeds)
        of_seed, freedom = seed_variance(seeds)
        num_examples = sum(n for split, n in results[0].data.num_examples.items() if split in results[0].scores)
        trained = any(result.model.recipe is not None for result in results)
        if trained:  # few seeds may score alike by coincidence; a score of so many examples is known to its steps only
            of_seed = max(of_seed, (100 / num_examples) ** 2 / 12)
        elif not several:
            of_seed = 0.0
        # Where neighbours had to tell the seeds' part, the predictions that differ have moved them as well.
        apart = [] if trained and not several else self._apart(task, labels)
        examples = fmean(apart) / 2 if apart else 0.0
        parts = [of_seed / len(values) for values in seeds]
        whole, own = fmean(parts) + examples, fmean(parts)
        spread = own**2 / freedom + examples**2 / max(num_examples - 1, 1)
        return Noise(variances=[part + examples for part in parts], freedom=whole**2 / spread if spread else 1.0)

    def _apart(self, task: str, labels: Sequence[str]) -> list[float]:
        """Return the examples' part of the variance of each two neighbours' difference, if predictions are stored."""
        tests = [self.analysis.test(None if task == MEAN else task, *pair) for pair in pairwise(labels)]
        return [max(test.standard_error**2 - self._of_seeds(task, test), 0.0) for test in tests if test is not None]

    def _of_seeds(self, task: str, test: PairedTest) -> float:
        """Return the seeds' part of the variance of a difference."""
        tasks = self._comparison.mean_tasks if task == MEAN else (task,)
        scores = [[r.score for r in self._evidence.results[name, side]] for side in (test.first, test.second)
                  for name in tasks]  # fmt: skip
        return sum(variance(values) / len(values) for values in scores if len(values) > 1) / len(tasks) ** 2

    def _results(self, task: str, labels: Sequence[str]) -> list[Result]:
        tasks = self._comparison.mean_tasks if task == MEAN else (task,)
        return [
            result for label in labels for name in tasks for result in self._evidence.results.get((name, label), ())
        ]


def _point(moment: int, cell: Cell, estimate: Estimate | None) -> Point:
    low, high = (estimate.low, estimate.high) if estimate else (nan, nan)
    return Point(moment=moment, value=cell.mean, low=low, high=high, num_seeds=len(cell.values))
