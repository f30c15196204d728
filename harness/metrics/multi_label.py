"""Scores of predicted sets of labels: micro and macro F1, and the exact match, each with its fast twin on resamples."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.api.example import Example, Prediction
from harness.api.metric import Floats, Metric, Resampled

Sets = NDArray[np.bool_]


def _matrices(
    predictions: Sequence[Prediction], examples: Sequence[Example], num_labels: int | None = None
) -> tuple[Sets, Sets]:
    """Return which labels are predicted and which are true, (N, labels) each; by default up to the last that occurs."""
    predicted: list[Any] = [prediction.value for prediction in predictions]
    true: list[Any] = [example.target for example in examples]
    last = max((index for members in predicted + true for index in members), default=0)
    width = num_labels or max(2, 1 + last)  # scikit-learn takes a single column for two classes
    matrices = np.zeros((2, len(true), width), dtype=bool)
    for matrix, sets in zip(matrices, (predicted, true), strict=True):
        for row, members in zip(matrix, sets, strict=True):
            row[list(members)] = True
    return matrices[0], matrices[1]


def _exact(predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
    right = [p.value == e.target for p, e in zip(predictions, examples, strict=True)]
    return {"exact_match": 100.0 * float(np.mean(right))}


def _f1(
    name: str,
    num_labels: int | None,
    predictions: Sequence[Prediction],
    examples: Sequence[Example],
) -> Mapping[str, float]:
    from sklearn.metrics import f1_score

    predicted, true = _matrices(predictions, examples, num_labels)
    average = name.removesuffix("_f1")
    return {name: 100.0 * float(f1_score(true, predicted, average=average, zero_division=0.0))}


def _exact_resampled(predictions: Sequence[Sequence[Prediction]], examples: Sequence[Example]) -> Resampled:
    right = np.array([[p.value == e.target for p, e in zip(each, examples, strict=True)] for each in predictions])
    return lambda weights: {"exact_match": 100.0 * (right @ weights.T) / weights.sum(axis=1)}


def _f1_resampled(
    name: str,
    num_labels: int | None,
    of_counts: Callable[[Floats, Floats], Floats],
    predictions: Sequence[Sequence[Prediction]],
    examples: Sequence[Example],
) -> Resampled:
    pairs = [_matrices(each, examples, num_labels) for each in predictions]

    def function(weights: Floats) -> Mapping[str, Floats]:
        rows = []
        for predicted, true in pairs:
            shared = weights @ (predicted & true)  # (R, labels)
            either = weights @ predicted + weights @ true  # (R, labels)
            rows.append(of_counts(shared, either))
        return {name: np.array(rows)}

    return function


def _micro(shared: Floats, either: Floats) -> Floats:
    return _of_counts(shared.sum(axis=1), either.sum(axis=1))


def _macro(shared: Floats, either: Floats) -> Floats:
    mean: Floats = _of_counts(shared, either).mean(axis=1)
    return mean


def _of_counts(shared: Floats, either: Floats) -> Floats:
    """Return F1 in percent; 0 where nothing is predicted or true."""
    return np.divide(200.0 * shared, either, out=np.zeros_like(shared), where=either > 0)


MICRO_F1 = Metric(
    names=("micro_f1",),
    compute=partial(_f1, "micro_f1", None),
    resample=partial(_f1_resampled, "micro_f1", None, _micro),
    bounds=(0.0, 100.0),
)
"""The harmonic mean of precision and recall over all labels of all examples; 0 where no label is predicted or true."""

EXACT_MATCH = Metric(
    names=("exact_match",), compute=_exact, resample=_exact_resampled, bounds=(0.0, 100.0), is_mean=True
)
"""The fraction of examples whose predicted set is the true one."""


def macro_f1(num_labels: int) -> Metric:
    """Return the mean over a task's labels of each one's F1, which is 0 where it is neither predicted nor true."""
    return Metric(
        names=("macro_f1",),
        compute=partial(_f1, "macro_f1", num_labels),
        resample=partial(_f1_resampled, "macro_f1", num_labels, _macro),
        bounds=(0.0, 100.0),
    )
