"""Exact match and F1 of extracted answers, as SQuAD's official ``evaluate-v1.1.py`` and ``evaluate-v2.0.py`` have them.

How a text agrees with the accepted ones is in :mod:`harness.outputs.agreement`. Metric values bear the names that the
script in question prints.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.api.example import Example, Prediction, Span
from harness.api.metric import Metric, Resampled
from harness.outputs.agreement import (
    version_1_accepted,
    version_1_agreement,
    version_2_accepted,
    version_2_agreement,
)

NO_ANSWER_THRESHOLD = 1.0
"""The 2.0 script's default: an answer whose "no answer" value is above it counts as none. No probability is."""


def _version_1(predictions: Sequence[Prediction], examples: Sequence[Example]) -> dict[str, float]:
    agreements = [_agreement(p, e) for p, e in zip(predictions, examples, strict=True)]
    exact, f1 = (sum(each) for each in zip(*agreements, strict=True))
    return {"exact_match": 100.0 * exact / len(examples), "f1": 100.0 * f1 / len(examples)}


def _agreement(prediction: Prediction, example: Example) -> tuple[float, float]:
    accepted = version_1_accepted(span.text for span in _spans(example))
    return version_1_agreement(str(prediction.value), accepted)


def _version_1_resampled(predictions: Sequence[Sequence[Prediction]], examples: Sequence[Example]) -> Resampled:
    return _means([[_agreement(p, e)[1] for p, e in zip(each, examples, strict=True)] for each in predictions])


def _version_2(predictions: Sequence[Prediction], examples: Sequence[Example]) -> dict[str, float]:
    answered = np.array([prediction.value != "" for prediction in predictions])
    answerable, na_probs, raw = _raw(predictions, examples)
    exact, f1 = _withheld(answerable, na_probs, raw)
    values: dict[str, float] = {}
    for prefix, chosen in {"": answerable | True, "HasAns_": answerable, "NoAns_": ~answerable}.items():
        if chosen.any():
            values[f"{prefix}exact"] = 100.0 * float(exact[chosen].mean())
            values[f"{prefix}f1"] = 100.0 * float(f1[chosen].mean())
            values[f"{prefix}total"] = float(chosen.sum())
    if any(prediction.scores for prediction in predictions):
        for name, scores in zip(("exact", "f1"), raw, strict=True):
            best, threshold = best_threshold(scores, na_probs, answered=answered, answerable=answerable)
            values |= {f"best_{name}": best, f"best_{name}_thresh": threshold}
    return values


def _version_2_resampled(predictions: Sequence[Sequence[Prediction]], examples: Sequence[Example]) -> Resampled:
    return _means([_withheld(*_raw(each, examples))[1] for each in predictions])


def _means(f1: Sequence[Sequence[float] | NDArray[np.float64]]) -> Resampled:
    by_example = np.array(f1)  # (models, examples)
    return lambda weights: {"f1": 100.0 * (by_example @ weights.T) / weights.sum(axis=1)}


def _raw(
    predictions: Sequence[Prediction], examples: Sequence[Example]
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """Return which questions have an answer, P(no answer), and (2, examples): exact match and F1 as answered."""
    answerable = np.array([bool(_spans(example)) for example in examples])
    na_probs = np.array([prediction.scores[0] if prediction.scores else 0.0 for prediction in predictions])
    raw = np.array([_exact_and_f1(p, e) for p, e in zip(predictions, examples, strict=True)]).T
    return answerable, na_probs, raw


def _withheld(
    answerable: NDArray[np.bool_], na_probs: NDArray[np.float64], raw: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return exact match and F1, (2, examples), with the answers above the threshold withheld."""
    return np.where(na_probs > NO_ANSWER_THRESHOLD, ~answerable, raw)


def _exact_and_f1(prediction: Prediction, example: Example) -> tuple[float, float]:
    accepted = version_2_accepted(span.text for span in _spans(example))
    return version_2_agreement(str(prediction.value), accepted)


def best_threshold(
    scores: NDArray[np.float64],
    na_probs: NDArray[np.float64],
    *,
    answered: NDArray[np.bool_],
    answerable: NDArray[np.bool_],
) -> tuple[float, float]:
    """Return the best value that withholding doubtful answers could have given, in percent, and where to begin.

    From "no answer" to everything, which is right for each unanswerable question, answers are put in one at a time,
    the surest first: one to an answerable question adds its score, one to an unanswerable question costs 1. Ties in
    ``na_probs`` keep the order of the examples, and the best point may lie among them, as in the script's
    ``find_best_thresh``. All arguments have the shape (examples,).
    """
    order = np.argsort(na_probs, kind="stable")
    gains = np.where(answerable, scores, -1.0 * answered)[order]
    reached = np.cumsum(np.concatenate([[float((~answerable).sum())], gains]))  # (examples + 1,)
    best = int(reached.argmax())
    threshold = float(na_probs[order[best - 1]]) if best else 0.0
    return 100.0 * float(reached[best]) / len(scores), threshold


def _spans(example: Example) -> tuple[Span, ...]:
    assert isinstance(example.target, tuple), "the target of extraction is a tuple of spans"
    return example.target


OFFICIAL_V1 = Metric(
    names=("f1",), compute=_version_1, resample=_version_1_resampled, bounds=(0.0, 100.0), is_mean=True
)
"""SQuAD 1.1's ``exact_match`` and ``f1``: means over the questions of the best agreement with an accepted answer."""

OFFICIAL_V2 = Metric(
    names=("f1",), compute=_version_2, resample=_version_2_resampled, bounds=(0.0, 100.0), is_mean=True
)
"""SQuAD 2.0's ``exact`` and ``f1``, over all questions, those with an answer (``HasAns_``) and those without.

Where predictions carry P(no answer), also ``best_exact`` and ``best_f1`` with their thresholds.
"""
