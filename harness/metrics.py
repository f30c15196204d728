"""Scores from predictions: GLUE's metrics on scikit-learn and SciPy, and any module of ``evaluate`` by name.

A figure is a percentage (Matthews and the correlations too, times 100), as the GLUE site and the SQuAD scripts
print it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import weighted
from harness.errors import UsageError
from harness.examples import Example, Prediction

Compute = Callable[[Sequence[Prediction], Sequence[Example]], Mapping[str, float]]
Resampled = Callable[[weighted.Floats], Mapping[str, weighted.Floats]]
"""From weights of the examples, (R, N), to figures of M models, (M, R) each: see :mod:`harness.weighted`."""
UNBOUNDED = (-math.inf, math.inf)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """Figures that are computed in one go from the answers to one split.

    ``figures`` enter a task's score (their mean does); what else ``compute`` returns is reported beside them.
    ``resample``, given the answers of some models, returns a function that computes their figures on many resamples at
    once; without it, ``compute`` is called on each, which is slow. ``bounds`` are a figure's least and largest value.
    """

    figures: tuple[str, ...]
    compute: Compute
    resample: Callable[[Sequence[Sequence[Prediction]], Sequence[Example]], Resampled] | None = None
    bounds: tuple[float, float] = UNBOUNDED


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
    """Return every figure of every metric; those that count in the task's score first."""
    resolved = [resolve(metric) for metric in metrics]
    everything: dict[str, float] = {}
    for metric in resolved:
        everything.update(metric.compute(predictions, examples))
    first = headline(resolved, everything)
    return {**{name: everything[name] for name in first}, **everything}


def headline(metrics: Sequence[Metric | str], figures: Mapping[str, float]) -> tuple[str, ...]:
    """Return the names of the figures that count: those that the metrics name, or all where one names none."""
    named = [metric.figures if isinstance(metric, Metric) else () for metric in metrics]
    return tuple(name for names in named for name in names) if all(named) else tuple(figures)


def evaluate_module(name: str, *, figures: tuple[str, ...] = (), scale: float = 1.0, **options: Any) -> Metric:
    """Return a metric of the ``evaluate`` library, loaded when it is first computed.

    ``name`` is a module's name on the hub or the path of a local script; ``options`` go to its ``compute``. Every
    number that it returns becomes a figure, times ``scale``; with no ``figures`` named, all of them count.
    """

    def compute(predictions: Sequence[Prediction], examples: Sequence[Example]) -> dict[str, float]:
        import evaluate

        try:
            module = evaluate.load(name, keep_in_memory=True)  # on disk, parallel workers fight over one lock file
        except Exception as error:
            raise UsageError(f"metric {name!r}: evaluate cannot load it ({type(error).__name__}: {error}).") from error
        references = [_reference(example) for example in examples]
        result = module.compute(predictions=[p.value for p in predictions], references=references, **options) or {}
        numbers = {key: scale * float(value) for key, value in result.items() if isinstance(value, Real)}
        if not numbers or not set(figures) <= set(numbers):
            raise UsageError(f"metric {name!r}: gives {result}; expected {', '.join(figures) or 'a number'}.")
        return numbers

    return Metric(figures=figures, compute=compute)


def _reference(example: Example) -> Any:
    """Return a target as ``evaluate`` modules take it: a number, or for spans the list of accepted texts."""
    return [span.text for span in example.target] if isinstance(example.target, tuple) else example.target


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
    figure: str,
    function: Callable[[weighted.Values, weighted.Values, weighted.Floats], weighted.Floats],
    answers: Sequence[Sequence[Prediction]],
    examples: Sequence[Example],
) -> Resampled:
    predicted = np.array([[prediction.value for prediction in predictions] for predictions in answers])
    true = np.array([example.target for example in examples])
    return lambda weights: {figure: function(predicted, true, weights)}


def _metric(
    figure: str,
    compute: Compute,
    function: Callable[[weighted.Values, weighted.Values, weighted.Floats], weighted.Floats],
    *,
    least: float,
) -> Metric:
    """Return a metric of one figure in percent, with its fast twin."""
    return Metric(
        figures=(figure,), compute=compute, resample=partial(_resample, figure, function), bounds=(least, 100.0)
    )


ACCURACY = _metric("accuracy", _accuracy, weighted.accuracy, least=0.0)
"""The share of answers that are right."""

F1 = _metric("f1", _f1, weighted.f1, least=0.0)
"""The harmonic mean of precision and recall of label 1 (GLUE's MRPC and QQP); 0 where no 1 is predicted or true."""

MATTHEWS = _metric("matthews", _matthews, weighted.matthews, least=-100.0)
"""Matthews correlation coefficient (Matthews 1975; GLUE's CoLA); 0 where all answers or all labels are alike."""

PEARSON = _metric("pearson", partial(_correlation, "pearson"), weighted.pearson, least=-100.0)
"""Pearson's correlation (GLUE's STS-B). Undefined for constant answers; counted as 0, as no correlation."""

SPEARMAN = _metric("spearman", partial(_correlation, "spearman"), weighted.spearman, least=-100.0)
"""Spearman's rank correlation (GLUE's STS-B). Undefined for constant answers; counted as 0, as no correlation."""
