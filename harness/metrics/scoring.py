"""From a task's metrics to its scores: metric values of a split, a task's score, a suite's."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from harness.api.example import Example, Prediction
from harness.api.metric import Metric
from harness.api.task import Task
from harness.errors import UsageError
from harness.metrics.evaluate import evaluate_module


def resolve(metric: Metric | str) -> Metric:
    """Return the metric that a task names: itself, ``"evaluate:NAME"``, or the path of a local ``evaluate`` script."""
    if isinstance(metric, Metric):
        return metric
    if metric.startswith("evaluate:"):
        return evaluate_module(metric.removeprefix("evaluate:"))
    if metric.endswith(".py"):
        return evaluate_module(metric)
    raise UsageError(f'metric {metric!r}: expected a Metric, "evaluate:NAME", or the path of a local metric script.')


def score(
    metrics: Sequence[Metric | str], predictions: Sequence[Prediction], examples: Sequence[Example]
) -> dict[str, float]:
    """Return every value of every metric; those that count in the task's score first."""
    resolved = [resolve(metric) for metric in metrics]
    everything: dict[str, float] = {}
    for metric in resolved:
        everything.update(metric.compute(predictions, examples))
    first = headline(resolved, everything)
    return {**{name: everything[name] for name in first}, **everything}


def headline(metrics: Sequence[Metric | str], values: Mapping[str, float]) -> tuple[str, ...]:
    """Return the names of the values that count: those that the metrics name, or all where one names none."""
    named = [metric.names if isinstance(metric, Metric) else () for metric in metrics]
    return tuple(name for names in named for name in names) if all(named) else tuple(values)


def higher_is_better(metrics: Sequence[Metric | str]) -> bool:
    """Return which way a task's score is better.

    Raises:
        UsageError: its metrics part on that, or have different units, so that their mean is no score.
    """
    found = {(metric.higher_is_better, metric.unit) for metric in map(resolve, metrics)}
    if len(found) > 1:
        listed = ", ".join(f"{'higher' if higher else 'lower'} is better, in {unit}" for higher, unit in sorted(found))
        raise UsageError(f"the metrics of one task differ ({listed}); expected one direction and one unit.")
    return all(higher for higher, _ in found)


def unit_of(metrics: Sequence[Metric | str]) -> str:
    """Return the unit of a task's score, which all its metrics have."""
    return next((resolve(metric).unit for metric in metrics), "%")


def task_score(task: Task, scores: Mapping[str, Mapping[str, float]]) -> float:
    """Return a task's score, as GLUE averages: the mean over its splits of the mean of the headline values."""
    return fmean(fmean(values[name] for name in headline(task.metrics, values)) for values in scores.values())


def suite_score(scores: Mapping[str, float]) -> float:
    """Return the mean of the scores of some tasks."""
    return fmean(scores.values())
