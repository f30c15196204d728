"""A split's predictions in a line of text: how right each was, from which every metric value can be computed again.

How, the kind of answer says (:meth:`~harness.outputs.kind.Kind.pack`). Where it has no short form, as for spans, kept
are each prediction's headline metric values, which the task's metrics give on that example alone; their mean is the
task's, or the predictions cannot be packed. The bytes are compressed with zlib and written in base 64.
"""

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.api.example import Example, Prediction
from harness.api.metric import UNBOUNDED, Floats, Metric
from harness.api.output import Output
from harness.errors import GateError
from harness.metrics.scoring import higher_is_better, score, unit_of
from harness.outputs import kind_of
from harness.statistics.rescoring import TOLERANCE

LEVEL = 9
"""Of compression; fixed, so that the same answers are the same text."""


def pack(
    output: Output,
    predictions: Sequence[Prediction],
    examples: Sequence[Example],
    *,
    metrics: Sequence[Metric | str],
    headline: Sequence[str],
) -> str:
    """Return the predictions on the examples of a split, packed.

    Raises:
        GateError: a prediction that is not of this kind, or metric values that are no mean over examples.
    """
    try:
        raw = kind_of(output).pack([p.value for p in predictions], [e.target for e in examples])
    except ValueError as error:
        raise GateError(str(error)) from error
    if raw is None:
        raw = _metric_values(predictions, examples, metrics, headline).astype("<f8").tobytes()
    return base64.b64encode(zlib.compress(raw, LEVEL)).decode("ascii")


def unpack(packed: str, output: Output, examples: Sequence[Example], num_values: int) -> list[Prediction]:
    """Return the predictions; where there is no short form, nothing of them but their metric values, as ``scores``.

    Raises:
        GateError: the text is not what :func:`pack` makes of so many predictions of this kind.
    """
    kind, count = kind_of(output), len(examples)
    if sizes := kind.packed_sizes(count):
        try:
            return kind.unpack(_bytes(packed, sizes), [example.target for example in examples])
        except ValueError as error:
            raise GateError(str(error)) from error
    values = np.frombuffer(_bytes(packed, {8 * count * num_values}), "<f8").astype(float)
    if not np.isfinite(values).all():
        raise GateError("packed metric values that are not finite numbers; is the file edited?")
    return [Prediction(value="", scores=tuple(row)) for row in values.reshape(num_values, count).T.tolist()]


def scoring_metrics(output: Output, metrics: Sequence[Metric | str], headline: Sequence[str]) -> Sequence[Metric | str]:
    """Return the metrics that score unpacked predictions: the task's own, or the mean of each one's metric values."""
    if kind_of(output).packed_sizes(1):
        return metrics
    known = {name: metric.bounds for metric in metrics if isinstance(metric, Metric) for name in metric.names}

    def resampled(predictions: Sequence[Sequence[Prediction]], _examples: Sequence[Example]) -> Any:
        values = np.array([[prediction.scores for prediction in given] for given in predictions])  # (M, N, values)

        def function(weights: Floats) -> Mapping[str, Floats]:
            total = weights.sum(axis=1)
            return {name: values[:, :, k] @ weights.T / total for k, name in enumerate(headline)}

        return function

    def compute(predictions: Sequence[Prediction], _examples: Sequence[Example]) -> dict[str, float]:
        means = np.mean([prediction.scores for prediction in predictions], axis=0)
        return dict(zip(headline, means.tolist(), strict=True))

    return (
        Metric(
            names=tuple(headline),
            compute=compute,
            resample=resampled,
            bounds=known.get(headline[0], UNBOUNDED),
            is_mean=True,
            higher_is_better=higher_is_better(metrics),
            unit=unit_of(metrics),
        ),
    )


def _metric_values(
    predictions: Sequence[Prediction],
    examples: Sequence[Example],
    metrics: Sequence[Metric | str],
    headline: Sequence[str],
) -> Floats:
    """Return each prediction's headline metric values, (values, N)."""
    alone = [score(metrics, [p], [e]) for p, e in zip(predictions, examples, strict=True)]
    values = np.array([[found[name] for found in alone] for name in headline])
    whole = score(metrics, predictions, examples)
    for name, mean in zip(headline, values.mean(axis=1), strict=True):
        if not abs(mean - whole[name]) <= TOLERANCE:
            raise GateError(
                f"the mean of each prediction's {name} is {mean:.6g} and the split's is {whole[name]:.6g}; "
                "only metric values that are a mean over examples can be packed."
            )
    return values


def _bytes(packed: str, lengths: set[int]) -> bytes:
    """Return the bytes behind a text, read within bounds."""
    try:
        decoder = zlib.decompressobj()
        raw = decoder.decompress(base64.b64decode(packed, validate=True), max(lengths) + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise GateError(
            f"packed predictions that cannot be read ({error}); is the file cut short or edited?"
        ) from error
    if len(raw) not in lengths or not decoder.eof:
        expected = " or ".join(map(str, sorted(lengths)))
        raise GateError(f"packed predictions of {len(raw)} bytes or more, expected {expected}; is the file edited?")
    return raw
