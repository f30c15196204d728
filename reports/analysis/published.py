"""Published metric values beside ours: ``published.csv``, and what each says about a model of the evidence.

A published metric value is one number: its variance is not known. So the verdict is about ours alone: whether our
interval, over our seeds and the examples, reaches the metric value. A reason stands wherever even that would mislead.
"""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

from harness.statistics.intervals import Estimate
from harness.store.records import ModelRecord, Result
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence
from reports.text.numbers import interval_text, metric_name, number

FILE = Path(__file__).with_name("published.csv")
NOT_STATED = ", not stated"
HIDDEN = "test"
Verdict = Literal["inside what seeds and examples explain", "outside", "not comparable"]

EXPLANATION = (
    "Inside: our 95 % interval, over our seeds and the examples, reaches the published result, whose own variance is "
    "not known. Outside: it does not, so more than sampling variance may differ. Not comparable: the reason is given."
)


@dataclass(frozen=True, kw_only=True)
class PublishedValue:
    """A row of ``published.csv``: what somebody else found, and how. Texts are of our own file, and yet escaped."""

    model: str
    """As its source calls it."""
    checkpoints: tuple[str, ...]
    """What it was trained from: names on the hub, names of folders, fingerprints."""
    resembling: tuple[str, ...]
    """Checkpoints, and classes of our models, that are not the same, and beside which it stands all the same."""
    difference: str
    """In what those differ."""
    task: str
    """Our name of the task, or that of a suite, for an average."""
    metrics: tuple[str, ...]
    """Our names of the metric that it may be: several where the source does not say which of them."""
    splits: tuple[str, ...]
    """Likewise; the mean of two splits is ``A and B``, and ``test`` a hidden one."""
    value: float
    """In percent."""
    digits: int
    """After the point, as published."""
    settings: Mapping[str, float | str]
    """Those of the training that its source states, by the names that our recipe has."""
    conditions: str
    reason: str
    """Why it does not compare with whatever we train."""
    source: str

    @property
    def metric_text(self) -> str:
        """Return the name of the metric, such as ``F1`` or ``F1 or acc, not stated``."""
        return " or ".join(map(metric_name, self.metrics)) + (NOT_STATED if len(self.metrics) > 1 else "")

    @property
    def split_text(self) -> str:
        """Return the name of the split, such as ``validation``."""
        return " or ".join(self.splits) + (NOT_STATED if len(self.splits) > 1 else "")


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A published metric value beside the same of ours."""

    task: str
    label: str
    """The model of ours, by its label in the evidence."""
    published: PublishedValue
    ours: Mapping[tuple[str, str], Estimate]
    """By (split, metric), for each that the published one may be; empty where we have none."""
    verdict: Verdict
    reasons: tuple[str, ...]
    """What would mislead in this comparison; never empty if they do not compare."""


@cache
def read_published() -> tuple[PublishedValue, ...]:
    """Return every published metric value that we know, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(map(_published, csv.DictReader(file)))


def _published(row: Mapping[str, str]) -> PublishedValue:
    pairs = (pair.partition("=") for pair in row["settings"].split())
    return PublishedValue(
        **{name: row[name] for name in ("model", "difference", "task", "conditions", "source")},
        reason=row["obstacle"],
        checkpoints=tuple(row["checkpoints"].split()),
        resembling=tuple(row["resembling"].split()),
        metrics=tuple(row["metric"].removesuffix(NOT_STATED).split(" or ")),
        splits=tuple(row["split"].removesuffix(NOT_STATED).split(" or ")),
        value=float(row["value"]),
        digits=len(row["value"].partition(".")[2]),
        settings={name: value if name == "precision" else float(value) for name, _, value in pairs},
    )


def published_values(evidence: Evidence, analysis: Analysis) -> list[Beside]:
    """Return each published metric value that is known for a pair of the evidence: by task, then by model."""
    suites = {run.info.suite for run in evidence.runs if run.info.suite}
    names = {label: _names(record) for label, record in _records(evidence)}
    return [
        _beside(evidence, analysis, label, published)
        for task in dict.fromkeys((*evidence.tasks, *sorted(suites)))
        for label, known in names.items()
        for published in read_published()
        if published.task == task
        and not known.isdisjoint(map(str.casefold, (*published.checkpoints, *published.resembling)))
        and (task not in evidence.tasks or evidence.results.get((task, label)))
    ]


def _records(evidence: Evidence) -> Iterator[tuple[str, ModelRecord]]:
    """Yield each model that has a result, with what the first one says of it."""
    for label in evidence.models:
        results = (found[0] for task in evidence.tasks if (found := evidence.results.get((task, label))))
        if (result := next(results, None)) is not None:
            yield label, result.model


def _names(record: ModelRecord) -> set[str]:
    """Return what a model may be known by: its class, or its checkpoint's name on the hub, folder and fingerprint."""
    checkpoint = record.identity.get("checkpoint")
    if not isinstance(checkpoint, str):
        return {str(record.identity.get("class", "")).casefold()}
    if not checkpoint.startswith("sha256:"):
        return {checkpoint.partition("@")[0].casefold()}
    return {checkpoint.casefold(), record.name.partition("@")[0].casefold()}


def _beside(evidence: Evidence, analysis: Analysis, label: str, published: PublishedValue) -> Beside:
    ours = dict(_ours(evidence, analysis, label, published))
    results = evidence.results.get((published.task, label), ())
    record = next(record for known, record in _records(evidence) if known == label)
    against = [*_reasons_against(evidence, label, published, record)]
    if not ours:
        against.append("we have no such metric value on that split")
    elif any(math.isnan(estimate.low) for estimate in ours.values()):
        against.append("no interval of ours is known")
    inside = {_reaches(estimate, published) for estimate in ours.values()}
    if not against and len(inside) > 1:
        against.append("it is inside for one of the metrics that it may be and outside for another")
    verdict: Verdict = "not comparable"
    if not against:
        verdict = "inside what seeds and examples explain" if inside == {True} else "outside"
    reasons = (*against, *_cautions(published, record, results, ours.values()))
    return Beside(task=published.task, label=label, published=published, ours=ours, verdict=verdict, reasons=reasons)


def _ours(
    evidence: Evidence, analysis: Analysis, label: str, published: PublishedValue
) -> Iterator[tuple[tuple[str, str], Estimate]]:
    """Yield our estimates of what the metric value may be; where there are none, means without an interval."""
    results = evidence.results.get((published.task, label), ())
    if not results:
        if label in analysis.means and HIDDEN in published.splits:
            yield ("validation", "score"), analysis.means[label]
        return
    for split in published.splits:
        for name in published.metrics:
            parts = split.split(" and ")
            values = [fmean(r.scores[part][name] for part in parts) for r in results if _has(r, parts, name)]
            estimate = analysis.metric_values.get((published.task, label, split, name))
            if len(parts) > 1 and all(set(r.scores) == set(parts) and r.headline == [name] for r in results):
                estimate = analysis.scores.get((published.task, label))
            if values:
                unknown = Estimate(value=fmean(values), low=math.nan, high=math.nan, num_seeds=len(values))
                yield (split, name), estimate or unknown


def _has(result: Result, splits: Sequence[str], metric: str) -> bool:
    return all(metric in result.scores.get(split, {}) for split in splits)


def _reaches(estimate: Estimate, published: PublishedValue) -> bool:
    """Return whether the interval reaches the metric value, as far as its rounding tells."""
    rounding = 0.5 * 10.0**-published.digits
    return estimate.low - rounding <= published.value <= estimate.high + rounding


def _reasons_against(evidence: Evidence, label: str, published: PublishedValue, record: ModelRecord) -> Iterator[str]:
    """Yield why a comparison would say nothing."""
    tasks = [published.task] if published.task in evidence.tasks else list(evidence.tasks)
    data = [result.data for task in tasks for result in evidence.results.get((task, label), ())]
    if any(found.kind == "sample" for found in data):
        yield "ours is on the generated sample, which is not the benchmark"
    if any(found.limit_train is not None or found.limit_evaluation is not None for found in data):
        yield "ours is under a limit on examples"
    scored = {split for task in tasks for result in evidence.results.get((task, label), ()) for split in result.scores}
    if published.splits == (HIDDEN,) and HIDDEN not in scored:
        yield "another split: the published one is on the hidden test set"
    if _names(record).isdisjoint(map(str.casefold, published.checkpoints)):
        yield published.difference
    if published.reason:
        yield published.reason


def _cautions(
    published: PublishedValue, record: ModelRecord, results: Sequence[Result], ours: Iterable[Estimate]
) -> Iterator[str]:
    """Yield what a reader should know beside the verdict."""
    if len(published.metrics) > 1 or len(published.splits) > 1:
        yield f"the source does not say whether it is {' or '.join(map(metric_name, published.metrics))} on " + (
            " or ".join(published.splits)
        )
    other = [
        f"{name.replace('_', ' ')} {_plain(theirs)} there and {_plain(mine)} here"
        for name, theirs in published.settings.items()
        if (mine := _value_of(results, name)) is not None and mine != theirs
    ]
    if other:
        yield f"trained otherwise: {', '.join(other)}"
    by_name = {record.name.partition("@")[0].casefold()} & set(map(str.casefold, published.checkpoints))
    if by_name and str(record.identity.get("checkpoint")).startswith("sha256:"):
        yield "the checkpoint is known by the name of its folder alone"
    if any(estimate.num_seeds == 1 and not math.isnan(estimate.low) for estimate in ours):
        yield "one seed of ours: the interval reflects evaluation sampling only"


def _value_of(results: Sequence[Result], name: str) -> Any:
    result = results[0] if results else None
    if result is None or result.model.recipe is None or result.history is None:
        return None
    return result.history.precision if name == "precision" else result.model.recipe.get(name)


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def published_table(besides: Iterable[Beside], evidence: Evidence) -> list[list[str]]:
    """Return plain cells, a row a metric value after the head; not yet escaped."""
    head = ["task", "model", "published as", "metric", "split", "published", "ours", "verdict", "reasons", "source"]
    rows = [
        [
            evidence.task_title(beside.task),
            beside.label,
            beside.published.model,
            beside.published.metric_text,
            beside.published.split_text,
            f"{beside.published.value:.{beside.published.digits}f}",
            ours_text(beside),
            beside.verdict,
            "; ".join(beside.reasons),
            "; ".join(filter(None, (beside.published.source, beside.published.conditions))),
        ]
        for beside in besides
    ]
    return [head, *rows]


def ours_text(beside: Beside) -> str:
    """Return our metric values with their intervals, each named where there are several."""
    texts = []
    for (split, metric), estimate in beside.ours.items():
        text = interval_text(estimate) if not math.isnan(estimate.low) else number(estimate.value)
        texts.append(text if len(beside.ours) == 1 else f"{text} ({metric_name(metric)}, {split})")
    return "; ".join(texts)
