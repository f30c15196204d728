"""Labels: what is one, its credit and confidence, and how predictions are packed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.example import Example, Prediction
from harness.api.output import Classification
from harness.outputs.classification import ClassificationKind

KIND = ClassificationKind(Classification(labels=("no", "maybe", "yes")))


def example(target: object) -> Example:
    return Example(id="1", text="a", target=target)


@pytest.mark.parametrize(("target", "is_expected"), [(0, True), (2, True), (3, False), (-1, False), (True, False)])
def test_targets_are_indices(target: object, is_expected: bool) -> None:
    assert (KIND.expected_target(example(target)) is None) is is_expected


@pytest.mark.parametrize(
    ("value", "scores", "expected"),
    [
        (1, (), None),
        (1, (0.2, 0.5, 0.3), None),
        (1, (0.4, 0.4, 0.2), None),
        (1, (0.3331, 0.3333, 0.3333), None),
        (3, (), "a plain int"),
        (1.0, (), "a plain int"),
        (1, (0.5, 0.5), "one score for each of 3"),
        (1, (0.2, 0.6, 0.3), "scores that sum to 1, not to 1.1"),
        (0, (0.2, 0.5, 0.3), "the label with the highest score"),
    ],
)
def test_predictions_are_indices_with_probabilities(
    value: object, scores: tuple[float, ...], expected: str | None
) -> None:
    found = KIND.expected_prediction(Prediction(value=value, scores=scores), example(0))
    assert found is None if expected is None else expected in str(found)


def test_what_is_scored_occurs_in_training() -> None:
    rows = [example(0), example(1)]
    assert KIND.expected_examples(rows, rows) is None
    assert ClassificationKind(Classification(labels=("no", "yes"))).expected_examples(rows, rows) is None
    assert KIND.expected_examples(rows[:1], rows) == "each label that is scored in train, which never shows maybe"
    for labels in (("one",), ("same", "same")):
        found = ClassificationKind(Classification(labels=labels)).expected_examples(rows, rows)
        assert "two or more labels, all different" in str(found)


def test_models_that_know_all_and_nothing() -> None:
    assert KIND.perfect(2) == Prediction(value=2, scores=(0.0, 0.0, 1.0))
    assert [prediction.value for prediction in KIND.uninformed()] == [0, 1, 2]
    constant = KIND.constant([2, 1, 1, 2])
    assert constant.parameters == (0.0, 0.5, 0.5)
    assert constant.predict(example(0)) == Prediction(value=1, scores=(0.0, 0.5, 0.5))


def test_credit_and_confidence() -> None:
    credit = KIND.grader([0, 1, 2])([0, 2, None])
    assert credit.tolist()[:2] == [1.0, 0.0]
    assert np.isnan(credit[2])
    found = KIND.confidences(
        [1, 1, None, 3, 0], [(0.1, 0.7, 0.2), None, (1.0, 0.0, 0.0), (0.1, 0.7, 0.2), (0.9, 0.1, 0.0)]
    )
    assert (found[0], found[4]) == (0.7, 0.9)
    assert np.isnan(found[1:4]).all()


def test_calibration_needs_a_score_for_each_label() -> None:
    found = KIND.calibration([(0.1, 0.7, 0.2)], [1])
    assert found is not None
    assert (found[0].tolist(), found[1].tolist()) == ([[0.1, 0.7, 0.2]], [1])
    assert KIND.calibration([(0.1, 0.7, 0.2), (1.0,)], [1, 0]) is None


def test_how_it_reads() -> None:
    assert [KIND.show(index) for index in (0, 2, 3, -1)] == ["no", "yes", "3", "-1"]
    assert [(name, members.tolist()) for name, members in KIND.slices([2, 0])] == [
        ("no", [False, True]),
        ("maybe", [False, False]),
        ("yes", [True, False]),
    ]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=20))
def test_predictions_come_back_in_as_few_bytes_as_said(pairs: list[tuple[int, int]]) -> None:
    kind = ClassificationKind(Classification(labels=tuple("abcde")))
    values, targets = [value for value, _ in pairs], [target for _, target in pairs]
    if not pairs:
        return
    raw = kind.pack(values, targets)
    assert raw is not None
    assert kind.packed_sizes(len(pairs)) == {len(raw)} == {-(-3 * len(pairs) // 8)}
    assert [prediction.value for prediction in kind.unpack(raw, targets)] == values


def test_right_predictions_are_zeros_and_others_are_refused() -> None:
    assert KIND.pack([0, 1, 2, 2], [0, 1, 2, 2]) == b"\x00"
    assert KIND.pack([1, 0], [0, 0]) == b"\x80"
    for value in (3, -1, 0.5):
        with pytest.raises(ValueError, match="expected indices from 0 to 2"):
            KIND.pack([value], [0])
    with pytest.raises(ValueError, match="beyond the 3 labels"):
        KIND.unpack(b"\xff", [0])
