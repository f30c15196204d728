"""Metric values on resamples of a test set, drawn with replacement (Efron 1979): its sampling noise.

All models that predict the same examples are given the same resamples, so that differences between them are paired.
They follow from the name and the size of the test set alone: the same predictions have the same intervals anywhere.
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
    metrics: Sequence[Metric | str],
    predictions: Sequence[Sequence[Prediction]],
    examples: Sequence[Example],
    *,
    name: str,
) -> list[dict[str, Floats]]:
    """Return for each model's predictions of the N ``examples`` its metric values, (1 + R,) each.

    The first value is that on the examples themselves, the others those on R resamples. ``predictions`` are (M, N),
    in the order of the examples; ``name`` is that of the test set.
    """
    resolved = [resolve(metric) for metric in metrics]
    is_fast = all(metric.resample for metric in resolved)
    num_resamples = NUM_RESAMPLES if is_fast else NUM_SLOW_RESAMPLES
    functions = [_prepare(metric, predictions, examples) for metric in resolved]
    parts: dict[str, list[Floats]] = {}
    for weights in _weights(len(examples), num_resamples, name):
        for function in functions:
            for key, values in function(weights).items():
                parts.setdefault(key, []).append(values)
    by_name = {key: np.concatenate(values, axis=1) for key, values in parts.items()}
    return [{key: values[index] for key, values in by_name.items()} for index in range(len(predictions))]


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


def _prepare(metric: Metric, predictions: Sequence[Sequence[Prediction]], examples: Sequence[Example]) -> Resampled:
    if metric.resample:
        return metric.resample(predictions, examples)

    def one_by_one(weights: Floats) -> Mapping[str, Floats]:
        rows = [np.repeat(np.arange(len(examples)), row.astype(int)).tolist() for row in weights]
        drawn = [[examples[i] for i in row] for row in rows]
        found = [
            [metric.compute([each[i] for i in row], some) for row, some in zip(rows, drawn, strict=True)]
            for each in predictions
        ]
        return {key: np.array([[values[key] for values in each] for each in found]) for key in found[0][0]}

    return one_by_one
