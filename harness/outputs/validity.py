"""Whether a model's predictions are of the task's kind: checked where a trial gets them, before anything is stored.

What a NaN comes to is no prediction: label 0, say, as NumPy's ``argmax`` has it.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.api.example import Example, Prediction
from harness.errors import PredictionError
from harness.outputs.kind import Kind

TOLERANCE = 1e-3
"""By how much probabilities may leave 0 to 1, and their sum 1, as those in single or half precision do."""

NUMBERS = (int, float, np.integer, np.floating)


def check_predictions(kind: Kind[Any], predictions: object, examples: Sequence[Example], *, split: str) -> None:
    """Check a model's predictions for the examples of a split, in their order.

    Raises:
        PredictionError: how many are not valid, which is the first, and what was expected.
    """
    if not isinstance(predictions, list | tuple):
        given = type(predictions).__name__
        raise PredictionError(f"predictions for {split} are a {given}; expected a list, one for each example.")
    if len(predictions) != len(examples):
        raise PredictionError(f"{len(predictions)} predictions for {split}; expected {len(examples)}, one an example.")
    for which, problem in _problems(kind, predictions):
        if which.any():
            first = examples[int(which.argmax())].id
            raise PredictionError(
                f"{which.sum()} of {len(examples)} predictions for {split} {problem} (the first: example {first!r})."
            )


def _problems(kind: Kind[Any], predictions: Sequence[Prediction]) -> Iterable[tuple[NDArray[np.bool_], str]]:
    """Yield which predictions, (N,), have a problem, and what it is; each rests on there being none before it."""
    yield np.array([not isinstance(each, Prediction) for each in predictions], bool), "are no Prediction"
    values, scores = [each.value for each in predictions], [each.scores for each in predictions]
    tuples = np.array([isinstance(each, tuple) for each in scores], bool)
    yield ~tuples, "have scores that are no tuple"
    counts = np.array(list(map(len, scores)), np.int64)
    if not all(issubclass(each, NUMBERS) for each in set(map(type, chain.from_iterable(scores)))):
        odd = [not all(isinstance(score, NUMBERS) for score in each) for each in scores]
        yield np.array(odd, bool), "have scores that are no numbers"
    flat = np.fromiter(chain.from_iterable(scores), np.float64, counts.sum())
    owners = np.repeat(np.arange(len(counts)), counts)  # of each score, its prediction
    infinite = np.array([isinstance(value, float | np.floating) and not isfinite(value) for value in values], bool)
    yield infinite | _any(~np.isfinite(flat), owners, len(counts)), "are not finite numbers"
    yield np.array([not kind.is_value(value) for value in values], bool), f"are not {kind.value_means}"
    allowed = sorted(kind.score_counts)
    yield ~np.isin(counts, allowed), f"have another number of scores than {' or '.join(map(str, allowed))}"
    low, high = kind.scores_within
    beyond = (flat < low - TOLERANCE) | (flat > high + TOLERANCE)
    yield _any(beyond, owners, len(counts)), f"have scores that are no {kind.scores_mean}"
    if kind.scores_sum_to_one:
        sums = np.bincount(owners, flat, minlength=len(counts))
        yield (counts > 0) & (np.abs(sums - 1) > TOLERANCE), "have probabilities that do not sum to 1"


def _any(which: NDArray[np.bool_], owners: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Return which of ``count`` owners have something, (count,)."""
    return np.bincount(owners, which, minlength=count) > 0


def check_metric_values(values: Iterable[tuple[str, float]], *, split: str) -> None:
    """Check the metric values of a split, by name.

    Raises:
        PredictionError: one is not a finite number.
    """
    for name, value in values:
        if not isfinite(value):
            raise PredictionError(f"{name} of the predictions for {split} is {value}; expected a finite number.")
