"""A split's answers in a line of text: how right each was, from which every figure can be computed again.

Of a label what is kept is (predicted - true) modulo the number of labels, in as many bits as that takes: 0 is right.
With the examples at hand that gives the predicted label back; without them it tells no label of the data set. Numbers
are kept as they are, float32 where that is exact. Of spans each answer's headline figures are kept, which the task's
metrics give on that example alone; their mean is the task's figure, or the answers cannot be packed. The bytes are
compressed with zlib and written in base 64.
"""

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.api.example import Example, Prediction
from harness.api.metric import Floats, Metric
from harness.errors import GateError
from harness.metrics.scoring import score
from harness.statistics.rescoring import TOLERANCE

CLASSIFICATION, EXTRACTION = "Classification", "Extraction"
LEVEL = 9
"""Of compression; fixed, so that the same answers are the same text."""


def pack(
    output: Mapping[str, Any],
    predictions: Sequence[Prediction],
    examples: Sequence[Example],
    *,
    metrics: Sequence[Metric | str],
    headline: Sequence[str],
) -> str:
    """Return the answers to the examples of a split, packed.

    Raises:
        GateError: an answer that is not of this kind, or figures that are no mean over examples.
    """
    values = np.array([prediction.value for prediction in predictions])
    if output["kind"] == CLASSIFICATION:
        return _text(_pack_labels(values, np.array([e.target for e in examples]), len(output["labels"])))
    if output["kind"] == EXTRACTION:
        return _text(_figures(predictions, examples, metrics, headline).astype("<f8").tobytes())
    if not (np.issubdtype(values.dtype, np.number) and np.isfinite(values).all()):
        raise GateError("an answer is not a number; expected finite numbers.")
    with np.errstate(over="ignore"):  # beyond what single precision holds: infinite, and so not the same
        single = values.astype("<f4")
    return _text((single if (single == values).all() else values.astype("<f8")).tobytes())


def unpack(packed: str, output: Mapping[str, Any], examples: Sequence[Example], num_figures: int) -> list[Prediction]:
    """Return the answers to the examples; of spans the ``scores`` are each answer's figures, and the text is unknown.

    Raises:
        GateError: the text is not what :func:`pack` makes of so many answers of this kind.
    """
    count = len(examples)
    if output["kind"] == CLASSIFICATION:
        num_labels = len(output["labels"])
        width = _width(num_labels)
        offsets = _unpack_offsets(_bytes(packed, {(count * width + 7) // 8}), count, width)
        if (offsets >= num_labels).any():
            raise GateError(f"packed answers beyond the {num_labels} labels; is the file edited?")
        true = np.array([example.target for example in examples], int)
        return [Prediction(value=value) for value in ((true + offsets) % num_labels).tolist()]
    if output["kind"] == EXTRACTION:
        figures = _numbers(_bytes(packed, {8 * count * num_figures}), "<f8").reshape(num_figures, count).T
        return [Prediction(value="", scores=tuple(row)) for row in figures.tolist()]
    raw = _bytes(packed, {4 * count, 8 * count})
    return [Prediction(value=value) for value in _numbers(raw, "<f4" if len(raw) == 4 * count else "<f8").tolist()]


def scoring_metrics(
    output: Mapping[str, Any], metrics: Sequence[Metric | str], headline: Sequence[str]
) -> Sequence[Metric | str]:
    """Return the metrics that score unpacked answers: the task's own, or of spans the mean of each answer's figures."""
    if output["kind"] != EXTRACTION:
        return metrics
    known = {name: metric.bounds for metric in metrics if isinstance(metric, Metric) for name in metric.figures}

    def resampled(answers: Sequence[Sequence[Prediction]], _examples: Sequence[Example]) -> Any:
        values = np.array([[prediction.scores for prediction in given] for given in answers])  # (M, N, figures)

        def function(weights: Floats) -> Mapping[str, Floats]:
            total = weights.sum(axis=1)
            return {name: values[:, :, k] @ weights.T / total for k, name in enumerate(headline)}

        return function

    def compute(predictions: Sequence[Prediction], _examples: Sequence[Example]) -> dict[str, float]:
        means = np.mean([prediction.scores for prediction in predictions], axis=0)
        return dict(zip(headline, means.tolist(), strict=True))

    bounds = known.get(headline[0], (-np.inf, np.inf))
    return (Metric(figures=tuple(headline), compute=compute, resample=resampled, bounds=bounds),)


def _pack_labels(predicted: NDArray[Any], true: NDArray[Any], num_labels: int) -> bytes:
    is_label = np.issubdtype(predicted.dtype, np.integer) and ((predicted >= 0) & (predicted < num_labels)).all()
    if not is_label:
        raise GateError(f"an answer is no label; expected indices from 0 to {num_labels - 1}.")
    shifts = np.arange(_width(num_labels))
    bits = ((predicted - true) % num_labels)[:, None] >> shifts & 1  # (N, width)
    return np.packbits(bits.astype(np.uint8)).tobytes()


def _unpack_offsets(raw: bytes, count: int, width: int) -> NDArray[np.intp]:
    bits = np.unpackbits(np.frombuffer(raw, np.uint8), count=count * width).reshape(count, width)
    offsets: NDArray[np.intp] = bits.astype(np.intp) @ (1 << np.arange(width))
    return offsets


def _width(num_labels: int) -> int:
    return max(1, (num_labels - 1).bit_length())


def _figures(
    predictions: Sequence[Prediction],
    examples: Sequence[Example],
    metrics: Sequence[Metric | str],
    headline: Sequence[str],
) -> Floats:
    """Return each answer's headline figures, (figures, N)."""
    alone = [score(metrics, [p], [e]) for p, e in zip(predictions, examples, strict=True)]
    figures = np.array([[found[name] for found in alone] for name in headline])
    whole = score(metrics, predictions, examples)
    for name, mean in zip(headline, figures.mean(axis=1), strict=True):
        if not abs(mean - whole[name]) <= TOLERANCE:
            raise GateError(
                f"the mean of each answer's {name} is {mean:.6g} and the split's is {whole[name]:.6g}; "
                "only figures that are a mean over examples can be packed."
            )
    return figures


def _text(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw, LEVEL)).decode("ascii")


def _bytes(packed: str, lengths: set[int]) -> bytes:
    """Return the bytes behind a text, read within bounds."""
    try:
        decoder = zlib.decompressobj()
        raw = decoder.decompress(base64.b64decode(packed, validate=True), max(lengths) + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise GateError(f"packed answers that cannot be read ({error}); is the file cut short or edited?") from error
    if len(raw) not in lengths or not decoder.eof:
        expected = " or ".join(map(str, sorted(lengths)))
        raise GateError(f"packed answers of {len(raw)} bytes or more, expected {expected}; is the file edited?")
    return raw


def _numbers(raw: bytes, kind: str) -> Floats:
    values: Floats = np.frombuffer(raw, kind).astype(float)
    if not np.isfinite(values).all():
        raise GateError("packed answers that are not finite numbers; is the file edited?")
    return values
