"""Figures on resamples of a test set, drawn with replacement (Efron 1979): what the examples' chance is judged by.

All models that answer the same examples are given the same resamples, so that differences between them are paired. They
follow from the name and the size of the test set alone: the same answers have the same intervals anywhere.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from harness.api.example import Example, Prediction
from harness.api.metric import Floats, Metric, Resampled
from harness.metrics.scoring import resolve

NUM_RESAMPLES = 1000
NUM_SLOW_RESAMPLES = 200
"""Where a metric has no fast twin, and is computed anew for each."""
CHUNK_WEIGHTS = 500_000


def resample(
    metrics: Sequence[Metric | str], answers: Sequence[Sequence[Prediction]], examples: Sequence[Example], *, name: str
) -> list[dict[str, Floats]]:
    """Return for each set of answers to ``examples`` its figures on the examples themselves, then on each resample.

    Each figure has the shape (1 + R,). ``name`` is that of the test set.
    """
    resolved = [resolve(metric) for metric in metrics]
    is_fast = all(metric.resample for metric in resolved)
    num_resamples = NUM_RESAMPLES if is_fast else NUM_SLOW_RESAMPLES
    functions = [_prepare(metric, answers, examples) for metric in resolved]
    parts: dict[str, list[Floats]] = {}
    for weights in _weights(len(examples), num_resamples, name):
        for function in functions:
            for figure, values in function(weights).items():
                parts.setdefault(figure, []).append(values)
    figures = {figure: np.concatenate(values, axis=1) for figure, values in parts.items()}
    return [{figure: values[index] for figure, values in figures.items()} for index in range(len(answers))]


def _weights(num_examples: int, num_resamples: int, name: str) -> Iterator[Floats]:
    """Yield how often each example is in each resample, (some, N) at a time; first once each, as the set has them."""
    yield np.ones((1, num_examples))
    seed = int.from_bytes(hashlib.sha256(f"{name} {num_examples}".encode()).digest()[:8], "big")
    generator = np.random.default_rng(seed)
    size = max(1, CHUNK_WEIGHTS // num_examples)
    for start in range(0, num_resamples, size):
        rows = min(size, num_resamples - start)
        drawn = generator.integers(0, num_examples, (rows, num_examples))
        drawn += num_examples * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * num_examples)
        yield counts.reshape(rows, num_examples).astype(float)


def _prepare(metric: Metric, answers: Sequence[Sequence[Prediction]], examples: Sequence[Example]) -> Resampled:
    if metric.resample:
        return metric.resample(answers, examples)

    def one_by_one(weights: Floats) -> Mapping[str, Floats]:
        rows = [np.repeat(np.arange(len(examples)), row.astype(int)).tolist() for row in weights]
        asked = [[examples[i] for i in row] for row in rows]
        found = [
            [metric.compute([each[i] for i in row], some) for row, some in zip(rows, asked, strict=True)]
            for each in answers
        ]
        return {figure: np.array([[f[figure] for f in each] for each in found]) for figure in found[0][0]}

    return one_by_one
