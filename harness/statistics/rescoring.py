"""Scores made again from stored answers: on the examples themselves, and on resamples of them."""

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np

from harness.api.example import Example, Prediction
from harness.api.metric import Floats, Metric
from harness.metrics.scoring import resolve
from harness.statistics.bootstrap import resample
from harness.statistics.scores import Scores

TOLERANCE = 1e-6
"""In points: by how much a stored score and the one made again may differ."""
Figures = Mapping[str, Mapping[str, Floats]]
"""By split and figure, (1 + R,): on the examples themselves, then on each resample."""


def rescore(
    task: str,
    metrics: Sequence[Metric | str],
    examples: Mapping[str, Sequence[Example]],
    answers: Sequence[Mapping[str, Sequence[Prediction]]],
) -> list[Figures]:
    """Return the figures of each trial, from its answers by split; all trials' resamples are the same."""
    by_split = {
        split: resample(metrics, [given[split] for given in answers], asked, name=f"{task} {split}")
        for split, asked in examples.items()
    }
    return [{split: found[index] for split, found in by_split.items()} for index in range(len(answers))]


def score_of(figures: Figures, headline: Sequence[str]) -> Floats:
    """Return a task's score, as ``harness.metrics.scoring.task_score`` has it, on each resample."""
    score: Floats = np.mean([np.mean([found[name] for name in headline], axis=0) for found in figures.values()], axis=0)
    return score


def bounds_of(metrics: Sequence[Metric | str], headline: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return the least and the largest value of each headline figure."""
    known = {name: metric.bounds for metric in map(resolve, metrics) for name in metric.figures}
    return {name: known.get(name, (-np.inf, np.inf)) for name in headline}


def scores_of(
    metrics: Sequence[Metric | str], headline: Sequence[str], figures: Sequence[Figures], num_examples: int
) -> Scores:
    """Return a model's score on a task from its figures, one a seed."""
    everything = np.stack([score_of(found, headline) for found in figures])
    low, high = zip(*bounds_of(metrics, headline).values(), strict=True)
    bounds = (fmean(low), fmean(high))
    return Scores(seeds=everything[:, 0], resampled=everything[:, 1:], num_examples=num_examples, bounds=bounds)
