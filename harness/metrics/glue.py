"""Scores from predictions: GLUE's metrics on scikit-learn and SciPy, and any module of ``evaluate`` by name.

A value is a percentage (Matthews and the correlations too, times 100), as the GLUE site and the SQuAD scripts
print it.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.api import metric
from harness.api.example import Example, Prediction
from harness.api.metric import Compute, Metric, Resampled
from harness.metrics import resampled


def _pairs(predictions: Sequence[Prediction], examples: Sequence[Example]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return predicted and true values, each of shape (examples,)."""
    return np.array([p.value for p in predictions]), np.array([e.target for e in examples])


def _accuracy(predictions: Sequence[Prediction], examples: Sequence[Example]) -> dict[str, float]:
    predicted, true = _pairs(predictions, examples)
    return {"accuracy": 100.0 * float((predicted == true).mean())}


def _f1(predictions: Sequence[Prediction], examples: Sequence[Example]) -> dict[str, float]:
    from sklearn.metrics import f1_score

    predicted, true = _pairs(predictions, examples)
    return {"f1": 100.0 * float(f1_score(true, predicted, zero_division=0.0))}


def _matthews(predictions: Sequence[Prediction], examples: Sequence[Example]) -> dict[str, float]:
    from sklearn.metrics import matthews_corrcoef

    predicted, true = _pairs(predictions, examples)
    if np.ptp(predicted) == 0 or np.ptp(true) == 0:
        return {"matthews": 0.0}
    return {"matthews": 100.0 * float(matthews_corrcoef(true, predicted))}


def _correlation(name: str, predictions: Sequence[Prediction], examples: Sequence[Example]) -> dict[str, float]:
    from scipy import stats

    predicted, true = _pairs(predictions, examples)
    if len(predicted) < 2 or np.ptp(predicted) == 0 or np.ptp(true) == 0:
        return {name: 0.0}
    value = float(getattr(stats, f"{name}r")(predicted, true).statistic)
    return {name: 100.0 * value if math.isfinite(value) else 0.0}


def _resample(
    name: str,
    function: Callable[[metric.Values, metric.Values, metric.Floats], metric.Floats],
    predictions: Sequence[Sequence[Prediction]],
    examples: Sequence[Example],
) -> Resampled:
    predicted = np.array([[prediction.value for prediction in each] for each in predictions])
    true = np.array([example.target for example in examples])
    return lambda weights: {name: function(predicted, true, weights)}


def _metric(
    name: str,
    compute: Compute,
    function: Callable[[metric.Values, metric.Values, metric.Floats], metric.Floats],
    *,
    least: float,
    is_mean: bool = False,
) -> Metric:
    """Return a metric of one value in percent, with its fast twin."""
    return Metric(
        names=(name,),
        compute=compute,
        resample=partial(_resample, name, function),
        bounds=(least, 100.0),
        is_mean=is_mean,
    )


ACCURACY = _metric("accuracy", _accuracy, resampled.accuracy, least=0.0, is_mean=True)
"""The fraction of predictions that are right."""

F1 = _metric("f1", _f1, resampled.f1, least=0.0)
"""The harmonic mean of precision and recall of label 1 (GLUE's MRPC and QQP); 0 where no 1 is predicted or true."""

MATTHEWS = _metric("matthews", _matthews, resampled.matthews, least=-100.0)
"""Matthews correlation coefficient (Matthews 1975; GLUE's CoLA); 0 where all predictions or all labels are the same."""

PEARSON = _metric("pearson", partial(_correlation, "pearson"), resampled.pearson, least=-100.0)
"""Pearson's correlation (GLUE's STS-B). Undefined for constant predictions; counted as 0, as no correlation."""

SPEARMAN = _metric("spearman", partial(_correlation, "spearman"), resampled.spearman, least=-100.0)
"""Spearman's rank correlation (GLUE's STS-B). Undefined for constant predictions; counted as 0, as no correlation."""
