"""What a trial takes for predictions: one an example, of the task's kind, finite, and probabilities."""

import time
from typing import Any

import numpy as np
import pytest

from harness import (
    Classification,
    Example,
    Extraction,
    LanguageModelling,
    MinimalPairs,
    MultiLabel,
    Output,
    Prediction,
    Regression,
)
from harness.errors import PredictionError
from harness.outputs import kind_of
from harness.outputs.validity import check_metric_values, check_predictions

LABEL, SET = Classification(labels=("no", "yes", "maybe")), MultiLabel(labels=("a", "b", "c"))
NUMBER, SPAN = Regression(low=0.0, high=5.0), Extraction(unanswerable=False)
DOCUMENT, PAIR = LanguageModelling(), MinimalPairs()
NAN, INFINITE = float("nan"), float("inf")
GOOD: list[tuple[Output, Any, tuple[Any, ...]]] = [
    (LABEL, 2, ()), (LABEL, 0, (1.0, 0.0, 0.0)), (LABEL, np.int64(1), (0.3331, 0.3333, 0.3333)),
    (LABEL, 0, (0.2, 0.5, 0.3)), (SET, frozenset(), (0.1, 0.2, 0.3)), (SET, frozenset({0, 2}), ()),
    (NUMBER, -3.5, ()), (NUMBER, 3, ()), (NUMBER, np.float32(3), ()), (SPAN, "nowhere", ()), (SPAN, "", (0.5,)),
    (DOCUMENT, -2.5, (3.0,)), (DOCUMENT, 0.0, ()), (PAIR, 1, (-2.0, -1.0)), (PAIR, 0, ()),
]  # fmt: skip
BAD: list[tuple[Output, Any, tuple[Any, ...], str]] = [
    (LABEL, 0, (NAN, NAN, NAN), "are not finite numbers"),
    (LABEL, 0, (INFINITE, 0.0, 0.0), "are not finite numbers"),
    (SET, frozenset(), (0.1, NAN, 0.2), "are not finite numbers"),
    (NUMBER, NAN, (), "are not finite numbers"),
    (NUMBER, -INFINITE, (), "are not finite numbers"),
    (NUMBER, np.float32(NAN), (), "are not finite numbers"),
    (SPAN, "text", (NAN,), "are not finite numbers"),
    (LABEL, NAN, (), "are not finite numbers"),
    (LABEL, 3, (), "are not a whole number from 0 to 2, the index of a label"),
    (LABEL, -1, (), "are not a whole number"),
    (LABEL, True, (), "are not a whole number"),
    (LABEL, 1.0, (), "are not a whole number"),
    (LABEL, "yes", (), "are not a whole number"),
    (LABEL, None, (), "are not a whole number"),
    (SET, frozenset({3}), (), "are not a frozenset of whole numbers from 0 to 2"),
    (SET, {1}, (), "are not a frozenset"),
    (NUMBER, "1.0", (), "are not a number"),
    (NUMBER, 1.0, (0.5,), "have another number of scores than 0"),
    (SPAN, None, (), "are not a text"),
    (SPAN, "text", (0.5, 0.5), "have another number of scores than 0 or 1"),
    (LABEL, 0, (0.5, 0.5), "have another number of scores than 0 or 3"),
    (SET, frozenset(), (0.5,), "have another number of scores than 0 or 3"),
    (LABEL, 0, (1.5, -0.5, 0.0), "have scores that are no probabilities"),
    (SET, frozenset(), (1.5, 0.0, 0.0), "have scores that are no probabilities"),
    (LABEL, 0, (0.5, 0.2, 0.2), "have probabilities that do not sum to 1"),
    (LABEL, 0, ("a", "b", "c"), "have scores that are no numbers"),
    (LABEL, 0, (None, 0.5, 0.5), "have scores that are no numbers"),
    (LABEL, 0, ("0.5", 0.5, 0.0), "have scores that are no numbers"),
    (LABEL, 0, None, "have scores that are no tuple"),
    (DOCUMENT, 0.5, (), "are not log-probabilities"),
    (DOCUMENT, -2.0, (0.0,), "have scores that are no number of tokens"),
    (PAIR, 2, (), "are not 0, where the first sentence is more probable, or 1"),
    (PAIR, 0, (0.5, -1.0), "have scores that are no log-probabilities"),
]  # fmt: skip


def examples(number: int) -> list[Example]:
    return [Example(id=f"row {index}", text="what?", pair="a passage") for index in range(number)]


@pytest.mark.parametrize(("output", "value", "scores"), GOOD)
def test_valid_predictions_pass(output: Output, value: Any, scores: tuple[Any, ...]) -> None:
    given = [Prediction(value=value, scores=scores)] * 3
    check_predictions(kind_of(output), given, examples(3), split="validation")
    check_predictions(kind_of(output), [], [], split="test")


@pytest.mark.parametrize(("output", "value", "scores", "problem"), BAD)
def test_others_are_counted_and_the_first_is_named(
    output: Output, value: Any, scores: tuple[Any, ...], problem: str
) -> None:
    good = [Prediction(value=kept, scores=s) for kind, kept, s in GOOD if kind is output][:2]
    given = [*good, Prediction(value=value, scores=scores), good[0], Prediction(value=value, scores=scores)]
    with pytest.raises(PredictionError) as raised:
        check_predictions(kind_of(output), given, examples(5), split="validation")
    assert str(raised.value).startswith(f"2 of 5 predictions for validation {problem}")
    assert str(raised.value).endswith("(the first: example 'row 2').")


def test_there_is_one_for_each_example() -> None:
    one = Prediction(value=1)
    for given, problem in (
        ([one], "1 predictions for test; expected 2, one an example."),
        (None, "predictions for test are a NoneType; expected a list"),
        (iter([one, one]), "expected a list"),
        ([one, 1], "1 of 2 predictions for test are no Prediction"),
    ):
        with pytest.raises(PredictionError, match=problem):
            check_predictions(kind_of(LABEL), given, examples(2), split="test")


@pytest.mark.parametrize("value", [NAN, INFINITE])
def test_a_metric_value_is_a_number(value: float) -> None:
    check_metric_values([("accuracy", 0.0)], split="validation")
    with pytest.raises(PredictionError, match=f"mine of the predictions for validation is {value}"):
        check_metric_values([("accuracy", 0.0), ("mine", value)], split="validation")


def test_a_hundred_thousand_take_little_time() -> None:
    given = [Prediction(value=index % 3, scores=(0.2, 0.5, 0.3)) for index in range(100_000)]
    asked = [Example(id="1", text="a")] * len(given)
    started = time.process_time()
    check_predictions(kind_of(LABEL), given, asked, split="validation")
    assert time.process_time() - started < 1.0
