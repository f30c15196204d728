"""A model's metric values as exports need them: each with its interval, its data, and what must be said of it.

Other tools compare what bears the same name. So rows of the generated sample never bear a benchmark's name here.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.markup import one_line
from harness.outputs import kind_of
from harness.statistics.intervals import Estimate
from harness.store.records import Result
from harness.system.files import slug
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence

GLUE, SQUAD, SQUAD_V2 = "nyu-mll/glue", "rajpurkar/squad", "rajpurkar/squad_v2"
DATASETS = {
    **{task: (GLUE, task) for task in ("cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "qnli", "rte", "wnli")},
    "squad": (SQUAD, "plain_text"),
    "squad_v2": (SQUAD_V2, "squad_v2"),
}
"""The hub's data set and configuration of the tasks whose rows are public; any other task is called by its own name."""

FRACTIONS = {"accuracy", "exact_match", "exact"}
"""Metric values that are fractions of right answers, whose standard error follows from the number of examples."""


@dataclass(frozen=True, kw_only=True)
class MetricValue:
    """One metric value of one split, the mean over seeds."""

    task: str
    title: str
    split: str
    name: str
    estimate: Estimate
    """In the unit of the score, such as percent; NaN where no interval is known."""
    num_examples: int
    is_sample: bool
    limits: tuple[int | None, int | None]
    """On training and on evaluation examples."""
    answer: str
    """The kind of answer, such as ``Classification``."""
    hub_task: tuple[str, str]
    """What the hub, and a model card, call such tasks."""
    result: Result
    """That of the first seed."""

    @property
    def scale(self) -> float:
        """By what other tools' numbers are smaller: they have fractions in place of percent."""
        return 100.0 if self.result.unit == "%" else 1.0

    @property
    def has_interval(self) -> bool:
        """Whether the interval is known."""
        return not math.isnan(self.estimate.low)

    @property
    def standard_error(self) -> float | None:
        """Return it in the unit of the score: the interval's, or else that of one seed's fraction; else ``None``."""
        if self.has_interval:
            return (self.estimate.high - self.estimate.low) / (2 * 1.959964)
        if self.name not in FRACTIONS or self.estimate.num_seeds != 1 or self.num_examples < 2:
            return None
        fraction = self.estimate.value / 100
        return 100 * math.sqrt(fraction * (1 - fraction) / (self.num_examples - 1))

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what must stand beside the metric value."""
        counts = zip(self.limits, ("training", "evaluation"), strict=True)
        limited = [f"{count:,} {kind}" for count, kind in counts if count is not None]
        texts = ["generated sample"] if self.is_sample else []
        return (*texts, f"limited to {' / '.join(limited)} examples") if limited else tuple(texts)


def model_metric_values(evidence: Evidence, analysis: Analysis, label: str) -> list[MetricValue]:
    """Return the metric values that make up a model's scores, and the fractions of right answers; if numbers."""
    values = (
        _metric_value(evidence, analysis, (task, label), split, name)
        for task in evidence.tasks
        if (results := evidence.results.get((task, label)))
        for split, found in results[0].scores.items()
        for name in dict.fromkeys([*results[0].headline, *sorted(FRACTIONS & found.keys())])
        if name in found
    )
    return [value for value in values if math.isfinite(value.estimate.value)]


def _metric_value(evidence: Evidence, analysis: Analysis, pair: tuple[str, str], split: str, name: str) -> MetricValue:
    results = evidence.results[pair]
    values = [r.scores[split][name] for r in results if name in r.scores.get(split, {})]
    first = results[0]
    unknown = Estimate(value=fmean(values), low=math.nan, high=math.nan, num_seeds=len(values), unit=first.unit)
    return MetricValue(
        task=pair[0],
        title=one_line(evidence.task_title(pair[0])),
        split=split,
        name=name,
        estimate=analysis.metric_values.get((*pair, split, name), unknown),
        num_examples=first.data.num_examples.get(split, 0),
        is_sample=first.data.kind == "sample" or evidence.models[pair[1]].info.is_sample,
        limits=(first.data.limit_train, first.data.limit_evaluation),
        answer=type(first.output).__name__,
        hub_task=kind_of(first.output).hub_task,
        result=first,
    )


def model_results(evidence: Evidence, label: str) -> list[Result]:
    """Return all results of a model, by task and seed."""
    return [result for task in evidence.tasks for result in evidence.results.get((task, label), ())]


def folder_names(labels: Sequence[str]) -> dict[str, str]:
    """Return the name of each model's folder: a slug, with a hash of the label where two would have the same one."""
    slugs = {label: slug(label) or "model" for label in labels}
    count = Counter(name.casefold() for name in slugs.values())  # some file systems do not tell cases apart
    return {
        label: name if count[name.casefold()] == 1 else f"{name}-{hashlib.sha256(label.encode()).hexdigest()[:8]}"
        for label, name in slugs.items()
    }
