"""What holds of every kind of answer, by examples of each."""

from typing import Any, get_args

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
    Prompt,
    Regression,
    Span,
)
from harness.outputs import OF_TEXTS, WITH_CONSTANT, WITH_LOGITS, WITH_PROMPT, kind_of

PASSAGE = "steam drove the engine"
CASES: list[tuple[Output, list[Any], list[Any]]] = [
    (Classification(labels=("no", "yes", "maybe")), [0, 2, 1, 1], [0, 1, 2, 1]),
    (MultiLabel(labels=("a", "b", "c")), [frozenset({0, 2}), frozenset()] * 2, [frozenset({0}), frozenset({1})] * 2),
    (Regression(low=0.0, high=5.0), [0.5, 4.0, 5.0, 1.25], [1.0, 4.0, 0.0, 2.5]),
    (Extraction(unanswerable=True), [(Span("steam", 0),), (), (Span("engine", 16),), ()], ["steam", "", "the", "x"]),
]
OF_TEXTS_CASES: list[tuple[Output, list[Any], list[Any]]] = [
    (LanguageModelling(), [5, 5, 5, 5], [-3.5, 0.0, -20.0, -1e-3]),
    (MinimalPairs(), [0, 0, 0, 0], [1, 0, 1, 0]),
]
names = ("output", "targets", "values")
each_kind = pytest.mark.parametrize(names, [*CASES, *OF_TEXTS_CASES], ids=lambda value: type(value).__name__)
each_with_constant = pytest.mark.parametrize(names, CASES, ids=lambda value: type(value).__name__)


def example(target: Any) -> Example:
    return Example(id="1", text="what?", pair=PASSAGE, target=target)


def test_each_kind_has_a_case() -> None:
    assert {type(output) for output, _, _ in CASES} == set(WITH_LOGITS) == set(WITH_CONSTANT)
    assert {type(output) for output, _, _ in OF_TEXTS_CASES} == set(OF_TEXTS)
    assert set(get_args(Output)) == {*WITH_LOGITS, *OF_TEXTS}


@each_kind
def test_what_knows_the_target_is_right_and_as_expected(output: Output, targets: list[Any], values: list[Any]) -> None:
    kind = kind_of(output)
    perfect = [kind.perfect(target) for target in targets]
    assert kind.grader(targets)([prediction.value for prediction in perfect]).tolist() == [1.0] * len(targets)
    for target, prediction in zip(targets, perfect, strict=True):
        assert kind.expected_target(example(target)) is None
        assert kind.expected_prediction(prediction, example(target)) is None
        assert kind.show(prediction.value)
    for prediction in kind.uninformed():
        assert kind.expected_prediction(prediction, example(targets[0])) is None


@each_kind
def test_credit_is_a_fraction_and_unknown_where_nothing_is_predicted(
    output: Output, targets: list[Any], values: list[Any]
) -> None:
    kind = kind_of(output)
    credit = kind.grader(targets)([None, *values[1:]])
    assert np.isnan(credit[0])
    assert ((credit[1:] >= 0) & (credit[1:] <= 1)).all()
    assert credit[1:].min() < 1.0
    assert 0 < kind.right_from <= 1


@each_with_constant
def test_a_constant_learns_from_targets_alone(output: Output, targets: list[Any], values: list[Any]) -> None:
    kind = kind_of(output)
    constant = kind.constant(targets)
    assert constant.parameters
    assert constant.predict(example(None)) == constant.predict(example(targets[0]))
    assert kind.expected_prediction(constant.predict(example(targets[0])), example(targets[0])) is None


@each_kind
def test_what_is_packed_comes_back(output: Output, targets: list[Any], values: list[Any]) -> None:
    kind = kind_of(output)
    packed = kind.pack(values, targets)
    if packed is None:
        assert kind.packed_sizes(len(targets)) == set()
    else:
        assert len(packed) in kind.packed_sizes(len(targets))
        assert [prediction.value for prediction in kind.unpack(packed, targets)] == values
        right = kind.pack([kind.perfect(target).value for target in targets], targets)
        assert isinstance(output, Regression) or set(right or b"?") == {0}, "what is right tells nothing of a target"


@each_with_constant
def test_slices_hold_examples_of_each_target(output: Output, targets: list[Any], values: list[Any]) -> None:
    found = kind_of(output).slices(targets)
    assert len(found) > 1
    assert np.any([members for _, members in found], axis=0).all()


@pytest.mark.parametrize(
    ("output", "target", "expected"),
    [
        (Classification(labels=("no", "yes")), 2, "an index into"),
        (Classification(labels=("no", "yes")), True, "an index into"),
        (MultiLabel(labels=("a", "b")), frozenset({2}), "a frozenset of indices"),
        (MultiLabel(labels=("a", "b")), 1, "a frozenset of indices"),
        (MultiLabel(labels=("a", "b")), None, "a frozenset of indices"),
        (Regression(low=0.0, high=5.0), 5.5, "a number from 0 to 5"),
        (Regression(low=0.0, high=5.0), None, "a number from 0 to 5"),
        (Extraction(unanswerable=False), (), "at least one span"),
        (Extraction(unanswerable=False), (Span("water", 0),), "which has 'steam' at 0"),
        (LanguageModelling(), 4, "the bytes of the document in UTF-8, 5"),
        (LanguageModelling(), True, "the bytes of the document in UTF-8, 5"),
        (MinimalPairs(), 1, "0, the first sentence"),
        (MinimalPairs(), None, "0, the first sentence"),
    ],
)
def test_what_is_no_target_is_told_what_is_expected(output: Output, target: Any, expected: str) -> None:
    assert expected in (kind_of(output).expected_training_target(example(target)) or "")


@pytest.mark.parametrize(
    ("output", "prediction", "expected"),
    [
        (Classification(labels=("no", "yes")), Prediction(value=0, scores=(0.4, 0.6)), "the highest score"),
        (Classification(labels=("no", "yes")), Prediction(value=0, scores=(0.9, 0.6)), "sum to 1"),
        (MultiLabel(labels=("a", "b")), Prediction(value=frozenset({0}), scores=(0.4, 0.6)), "0.5 or more"),
        (MultiLabel(labels=("a", "b")), Prediction(value=frozenset({0}), scores=(0.9,)), "one score for each of 2"),
        (MultiLabel(labels=("a", "b")), Prediction(value=0), "a frozenset of plain ints"),
        (Regression(low=0.0, high=5.0), Prediction(value=float("nan")), "finite"),
        (Extraction(unanswerable=True), Prediction(value="water"), "a piece of the passage"),
        (LanguageModelling(), Prediction(value=0.5), "0 or less"),
        (LanguageModelling(), Prediction(value=float("-inf")), "finite"),
        (LanguageModelling(), Prediction(value=-1.0, scores=(3.0, 2.0)), "the number of tokens alone"),
        (LanguageModelling(), Prediction(value=-1.0, scores=(0.0,)), "the number of tokens alone"),
        (MinimalPairs(), Prediction(value=2), "0 or 1"),
        (MinimalPairs(), Prediction(value=True), "0 or 1"),
        (MinimalPairs(), Prediction(value=0, scores=(-2.0,)), "two scores"),
        (MinimalPairs(), Prediction(value=0, scores=(-3.0, -2.0)), "0 where the first score is the larger"),
        (MinimalPairs(), Prediction(value=0, scores=(-2.0, -2.0)), "0 where the first score is the larger"),
    ],
)
def test_what_is_no_prediction_is_told_what_is_expected(output: Output, prediction: Prediction, expected: str) -> None:
    assert expected in (kind_of(output).expected_prediction(prediction, example(None)) or "")


TWO, THREE = (Prompt(template="{text} {label}?", answers=answers) for answers in (("no", "yes"), ("a", "b", "c")))
GRADED = Prompt(template="{text}?", answers=("low", "middle", "high"), grades=(0.0, 2.0, 5.0))
PROMPTS = {Classification: THREE, MultiLabel: TWO, Regression: GRADED}


def test_each_kind_that_can_be_asked_expects_answers_of_its_own() -> None:
    for output, targets, _ in CASES[: len(WITH_PROMPT)]:
        kind, own = kind_of(output), PROMPTS[type(output)]
        assert [prompt for prompt in PROMPTS.values() if kind.expected_prompt(prompt) is None] == [own]
        for target in targets:
            rights = [kind.right_answer(target, asked, own) for asked in range(len(kind.asked))]
            sure = kind.answered(np.eye(len(own.answers))[rights], own)
            assert kind.expected_prediction(sure, example(target)) is None
    assert set(WITH_PROMPT) == {*PROMPTS}


def test_answers_are_weighed_by_their_probabilities() -> None:
    classification, multi_label, regression = (kind_of(output) for output, _, _ in CASES[:3])
    assert classification.answered(np.array([[0.2, 0.4, 0.4]]), THREE) == Prediction(value=1, scores=(0.2, 0.4, 0.4))
    found = multi_label.answered(np.array([[0.5, 0.5], [0.8, 0.2], [0.1, 0.9]]), TWO)
    assert found == Prediction(value=frozenset({0, 2}), scores=(0.5, 0.2, 0.9))
    assert regression.answered(np.array([[0.5, 0.25, 0.25]]), GRADED).value == pytest.approx(1.75)
    assert [regression.right_answer(target, 0, GRADED) for target in (0.4, 1.0, 3.6, 5.0)] == [0, 0, 2, 2]
