"""A task's section of the page, as values for its template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.store.records import Result
from reports.analysis.comparison import Cell, Comparison
from reports.analysis.published import Beside, published_table
from reports.analysis.slices import Slice, slices
from reports.analysis.statistics import Analysis
from reports.evidence.columns import ExampleColumns, PredictionColumns, read_example_columns, read_prediction_columns
from reports.evidence.results import Evidence
from reports.page.attributions import Explained, explained
from reports.page.error_browser import Browser, browser
from reports.page.inline_plots import InlinePlot, InlinePlots
from reports.page.leaderboard import shown_score
from reports.page.pairings import Pairings, pairings
from reports.text.numbers import metric_name
from reports.text.table import Table, table


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every section is made from: one set of runs, and the models that are shown in all tables by model."""

    evidence: Evidence
    comparison: Comparison
    analysis: Analysis
    plots: InlinePlots
    labels: Sequence[str]
    """Of all models, in the order of the leaderboard."""
    best: Sequence[str]
    """As many of them as plots show."""
    published: Sequence[Beside]


@dataclass(frozen=True, kw_only=True)
class SliceScore:
    """A slice, and how each model fares in it, in percent."""

    slice: Slice
    scores: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class TaskSection:
    """All that the page says of one task; what is not known is ``None`` or empty, and named in ``reasons``."""

    title: str
    anchor: str
    scores: Table | None
    plot: InlinePlot | None
    pairings: Pairings | None
    predictions: list[InlinePlot]
    predictions_title: str
    curves: InlinePlot | None
    calibration: Table | None
    reliability: InlinePlot | None
    slices: Table | None
    slice_scores: list[SliceScore]
    overall: Mapping[str, float]
    """Each model's credit over all scored examples, in percent: what its slices compare with."""
    browser: Browser | None
    explained: list[Explained]
    published: list[dict[str, str]]
    reasons: list[str]


def task_section(context: Context, task: str) -> TaskSection:
    """Return the section of one task."""
    evidence, analysis, plots = context.evidence, context.analysis, context.plots
    examples = read_example_columns(evidence, task)
    given = read_prediction_columns(evidence, task, examples) if examples else {}
    predictions = {label: given[label] for label in context.labels if label in given}
    parts = slice_scores(examples, predictions) if examples else []
    section = TaskSection(
        title=evidence.task_title(task),
        anchor=plots.anchors[task],
        scores=_scores(context, task),
        plot=plots.scores(task),
        pairings=pairings(analysis, task, context.best),
        predictions=plots.predictions(task, examples, predictions, context.best) if examples else [],
        predictions_title="Predicted vs. true" if examples and examples.kind.near is not None else "Confusion matrix",
        curves=plots.curves(task),
        calibration=_calibration(context, task),
        reliability=plots.calibration(task),
        slices=_slices(examples, parts, context.best) if examples else None,
        slice_scores=parts,
        overall={label: _credit(found, examples.scored) for label, found in predictions.items()} if examples else {},
        browser=browser(examples, predictions, len(evidence.tasks)) if examples and predictions else None,
        explained=explained(evidence, task, examples, context.best) if examples else [],
        published=published_of(context, task),
        reasons=[],
    )
    section.reasons.extend(_reasons(section, examples, is_brief=plots.is_brief))
    return section


def _scores(context: Context, task: str) -> Table | None:
    """Return every metric value of every split, a row a model."""
    evidence, analysis = context.evidence, context.analysis
    found = {label: results for label in context.labels if (results := evidence.results.get((task, label)))}
    splits: dict[str, dict[str, None]] = {}
    for result in (result for results in found.values() for result in results):
        for split, values in result.scores.items():
            splits.setdefault(split, {}).update(dict.fromkeys(values))
    names = [(split, metric) for split, metrics in splits.items() for metric in metrics]
    head = ["model", *(f"{split}: {metric_name(metric)}" for split, metric in names), "seeds"]
    rows = (
        [label, *(_metric_value(analysis, (task, label), results, name) for name in names), str(len(results))]
        for label, results in found.items()
    )
    return table("All metrics by split", head, rows)


def _metric_value(analysis: Analysis, pair: tuple[str, str], results: Sequence[Result], name: tuple[str, str]) -> str:
    split, metric = name
    values = tuple(r.scores[split][metric] for r in results if metric in r.scores.get(split, {}))
    cell = Cell(status="scored" if values else "not asked", values=values, unit=results[0].unit)
    shown = shown_score(cell, analysis.metric_values.get((*pair, split, metric)))
    return f"{shown.text} {shown.spread}".strip()


def _calibration(context: Context, task: str) -> Table | None:
    rows = (
        (label, f"{100 * found.error:.1f}", f"{found.brier:.3f}", str(found.num_seeds))
        for label in context.labels
        if (found := context.analysis.calibration.get((task, label)))
    )
    return table("Calibration", ["model", "ECE, %", "Brier score", "seeds"], rows)


def slice_scores(examples: ExampleColumns, predictions: Mapping[str, PredictionColumns]) -> list[SliceScore]:
    """Return each slice with the mean credit of each model that has predicted all of it."""
    found = []
    for part in slices(examples):
        scores = {label: _credit(given, part.members) for label, given in predictions.items()}
        found.append(SliceScore(slice=part, scores={label: score for label, score in scores.items() if score >= 0}))
    return found


def _credit(predictions: PredictionColumns, members: NDArray[np.bool_]) -> float:
    return 100 * float(predictions.credit[members].mean()) if members.any() else float("nan")


def _slices(examples: ExampleColumns, parts: Sequence[SliceScore], best: Sequence[str]) -> Table | None:
    shown = [label for label in best if any(label in part.scores for part in parts)]
    rows = (
        (
            part.slice.family,
            part.slice.name,
            f"{part.slice.size:,}",
            *(f"{part.scores[label]:.1f}" if label in part.scores else "" for label in shown),
        )
        for part in parts
    )
    caption = f"By slice, first seed: {examples.kind.credit_name}"
    return table(caption, ["by", "slice", "n", *shown], rows, num_texts=2) if shown else None


def published_of(context: Context, task: str | None) -> list[dict[str, str]]:
    """Return what others published about a task, or with ``None`` about the suite as a whole: texts by column."""
    tasks = {task} if task else {beside.task for beside in context.published} - set(context.evidence.tasks)
    found = [beside for beside in context.published if beside.task in tasks]
    head, *rows = published_table(found, context.evidence)
    return [dict(zip(head, row, strict=True)) for row in rows]


def _reasons(section: TaskSection, examples: ExampleColumns | None, *, is_brief: bool) -> list[str]:
    """Return in sentences what the section cannot show, and why."""
    found = []
    if section.scores is None:
        return ["No model has a result on this task."]
    if section.pairings is None:
        found.append("No paired tests: they need two models with stored predictions.")
    if examples is None:
        found.append(
            "The examples are not stored with these results, as earlier versions did not keep them: error analysis, "
            "slices and token attributions are not shown. Deleting a result and running the same command stores them."
        )
    elif section.browser is None:
        found.append("No predictions for these examples are stored.")
    if section.calibration is None:
        found.append("No calibration: no predictions with probabilities of labels are stored.")
    if section.curves is None and not is_brief:
        found.append("No learning curves: no model was trained step by step.")
    if examples is not None and not section.explained:
        found.append("No token attributions are stored.")
    if not section.published:
        found.append("No published result is known for these models.")
    if is_brief:
        found.append("With this many tasks, learning curves and reliability diagrams are not drawn.")
    return found
