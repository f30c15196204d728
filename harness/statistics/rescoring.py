"""Scores made again from stored predictions: on the examples themselves, and on resamples of them."""

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np

from harness.api.example import Example, Prediction
from harness.api.metric import Floats, Metric
from harness.metrics.scoring import higher_is_better, resolve, unit_of
from harness.statistics.bootstrap import resample
from harness.statistics.scores import Scores

TOLERANCE = 1e-6
"""In points: by how much a stored score and the one made again may differ."""
MetricValues = Mapping[str, Mapping[str, Floats]]
"""By split and metric, (1 + R,): on the examples themselves, then on each resample."""


def rescore(
    task: str,
    metrics: Sequence[Metric | str],
    examples: Mapping[str, Sequence[Example]],
    predictions: Sequence[Mapping[str, Sequence[Prediction]]],
) -> list[MetricValues]:
    """Return the metric values of each trial from its predictions by split; all trials' resamples are the same.

    Raises:
        KeyError: a trial lacks the predictions of a split.
    """
    by_split = {
        split: resample(metrics, [trial[split] for trial in predictions], rows, name=f"{task} {split}")
        for split, rows in examples.items()
    }
    return [{split: found[index] for split, found in by_split.items()} for index in range(len(predictions))]


def score_of(values: MetricValues, headline: Sequence[str]) -> Floats:
    """Return a task's score, (1 + R,), as ``harness.metrics.scoring.task_score`` has it: a mean over splits of means.

    >>> values = {"matched": {"accuracy": np.array([80.0])}, "mismatched": {"accuracy": np.array([70.0])}}
    >>> score_of(values, ["accuracy"]).tolist()
    [75.0]
    """
    score: Floats = np.mean([np.mean([found[name] for name in headline], axis=0) for found in values.values()], axis=0)
    return score


def bounds_of(metrics: Sequence[Metric | str], headline: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return the least and the largest value of each headline metric; infinite where the metric names none."""
    known = {name: metric.bounds for metric in map(resolve, metrics) for name in metric.names}
    return {name: known.get(name, (-np.inf, np.inf)) for name in headline}


def are_means(metrics: Sequence[Metric | str], headline: Sequence[str]) -> dict[str, bool]:
    """Return of each headline metric whether it is a mean over the examples."""
    known = {name: metric.is_mean for metric in map(resolve, metrics) for name in metric.names}
    return {name: known.get(name, False) for name in headline}


def scores_of(
    metrics: Sequence[Metric | str], headline: Sequence[str], values: Sequence[MetricValues], num_examples: int
) -> Scores:
    """Return a model's scores on a task from its metric values, one a seed."""
    everything = np.stack([score_of(found, headline) for found in values])  # (S, 1 + R)
    low, high = zip(*bounds_of(metrics, headline).values(), strict=True)
    bounds = (fmean(low), fmean(high))
    return Scores(
        seeds=everything[:, 0],
        resampled=everything[:, 1:],
        num_examples=num_examples,
        bounds=bounds,
        is_mean=all(are_means(metrics, headline).values()),
        higher_is_better=higher_is_better(metrics),
        unit=unit_of(metrics),
    )
