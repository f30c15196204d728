"""Packed answers come back as they were, and nothing else is taken for them."""

import base64
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.example import Example, Prediction
from harness.api.metric import Metric
from harness.api.output import Classification, Extraction, Output, Regression
from harness.errors import GateError
from harness.gate.packing import pack, scoring_metrics, unpack
from harness.metrics.glue import ACCURACY, F1, MATTHEWS, PEARSON
from harness.metrics.scoring import score
from harness.metrics.squad import OFFICIAL_V1
from harness.statistics.rescoring import rescore
from tests.fakes.predictions import make_examples, make_predictions

LABELS = Classification(labels=("a", "b", "c"))
NUMBERS = Regression(low=0.0, high=5.0)
SPANS = Extraction(unanswerable=False)


def examples_of(targets: list[Any]) -> list[Example]:
    return [Example(id=str(index), text="?", target=target) for index, target in enumerate(targets)]


def packed(output: Output, values: list[Any], targets: list[Any], metric: Metric = ACCURACY) -> str:
    predictions = [Prediction(value=value) for value in values]
    return pack(output, predictions, examples_of(targets), metrics=(metric,), headline=metric.names)


@given(st.data(), st.integers(2, 9))
def test_labels_come_back(data: st.DataObject, num_labels: int) -> None:
    label = st.integers(0, num_labels - 1)
    rows = data.draw(st.lists(st.tuples(label, label), min_size=1, max_size=70))
    values, targets = map(list, zip(*rows, strict=True))
    output = Classification(labels=tuple(str(index) for index in range(num_labels)))
    back = unpack(packed(output, values, targets), output, examples_of(targets), 1)
    assert [prediction.value for prediction in back] == values


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
def test_numbers_come_back_to_the_last_bit(values: list[float]) -> None:
    targets = [0.0] * len(values)
    back = unpack(packed(NUMBERS, values, targets, PEARSON), NUMBERS, examples_of(targets), 1)
    assert [prediction.value for prediction in back] == values


def test_single_precision_takes_half_the_room() -> None:
    generator = np.random.default_rng(0)
    values = generator.uniform(0, 5, 500)
    double = packed(NUMBERS, values.tolist(), [0.0] * 500, PEARSON)
    single = packed(NUMBERS, values.astype(np.float32).tolist(), [0.0] * 500, PEARSON)
    assert len(single) < 0.6 * len(double)


def test_right_answers_tell_nothing_of_the_labels() -> None:
    some, others = [0, 1, 2, 2, 1, 0, 1, 1] * 10, [2, 2, 0, 1, 1, 1, 0, 0] * 10
    assert packed(LABELS, some, some) == packed(LABELS, others, others)


def test_every_figure_follows_from_packed_labels() -> None:
    output = Classification(labels=("no", "yes"))
    examples = make_examples("mrpc", "validation", 90)
    predictions = make_predictions("mrpc", examples, 0.6, "seed")
    text = pack(output, predictions, examples, metrics=(F1, ACCURACY), headline=("f1", "accuracy"))
    back = unpack(text, output, examples, 2)
    for metric in (F1, ACCURACY, MATTHEWS):
        assert score((metric,), back, examples) == score((metric,), predictions, examples)


def test_spans_are_kept_as_figures_whose_mean_is_the_score() -> None:
    examples = make_examples("squad", "validation", 60)
    predictions = make_predictions("squad", examples, 0.5, "seed")
    text = pack(SPANS, predictions, examples, metrics=(OFFICIAL_V1,), headline=("f1",))
    back = unpack(text, SPANS, examples, 1)
    metrics = scoring_metrics(SPANS, (OFFICIAL_V1,), ("f1",))
    (again,) = rescore("squad", metrics, {"validation": examples}, [{"validation": back}])
    (before,) = rescore("squad", (OFFICIAL_V1,), {"validation": examples}, [{"validation": predictions}])
    np.testing.assert_allclose(again["validation"]["f1"], before["validation"]["f1"], atol=1e-9)
    assert score(metrics, back, examples)["f1"] == pytest.approx(score((OFFICIAL_V1,), predictions, examples)["f1"])


def test_a_figure_that_is_no_mean_cannot_be_packed() -> None:
    median = Metric(
        names=("f1",), compute=lambda given, _: {"f1": float(np.median([len(str(p.value)) for p in given]))}
    )
    examples = make_examples("squad", "validation", 3)
    predictions = [Prediction(value=value) for value in ("a", "b", "a long answer")]
    with pytest.raises(GateError, match="only metric values that are a mean over examples"):
        pack(SPANS, predictions, examples, metrics=(median,), headline=("f1",))


@pytest.mark.parametrize(
    ("output", "value", "complaint"),
    [(LABELS, 3, "no label"), (LABELS, -1, "no label"), (NUMBERS, float("nan"), "not a number")],
)
def test_answers_that_cannot_be(output: Output, value: float, complaint: str) -> None:
    with pytest.raises(GateError, match=complaint):
        packed(output, [value], [0])


def text_of(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw)).decode()


@pytest.mark.parametrize(
    ("output", "text", "complaint"),
    [
        (LABELS, "no base 64 !", "cannot be read"),
        (LABELS, base64.b64encode(b"not zlib").decode(), "cannot be read"),
        (LABELS, packed(LABELS, [0] * 80, [0] * 80)[:-8], "cannot be read|bytes or more"),
        (LABELS, text_of(b""), "0 bytes or more, expected 1"),
        (LABELS, text_of(bytes(10**6)), "2 bytes or more, expected 1"),
        (LABELS, text_of(b"\xff"), "beyond the 3 labels"),
        (NUMBERS, text_of(bytes(9)), "9 bytes or more, expected 8 or 16"),
        (NUMBERS, text_of(np.array([np.inf, 0.0]).tobytes()), "not finite"),
        (SPANS, text_of(bytes(8)), "8 bytes or more, expected 16"),
    ],
)
def test_what_is_not_packed_answers(output: Output, text: str, complaint: str) -> None:
    with pytest.raises(GateError, match=complaint):
        unpack(text, output, examples_of([0, 0]), 1)
