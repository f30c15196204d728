import numpy as np
import pytest

from harness import Example, MultiLabel
from harness.outputs import kind_of

KIND = kind_of(MultiLabel(labels=("a", "b", "c")))
A, B, AB, NONE = frozenset({0}), frozenset({1}), frozenset({0, 1}), frozenset[int]()


def test_credit_is_the_f1_of_two_sets() -> None:
    assert KIND.grader([AB, A, NONE, NONE])([A, B, NONE, A]).tolist() == [pytest.approx(2 / 3), 0.0, 1.0, 0.0]


def test_confidence_is_that_of_the_whole_set() -> None:
    found = KIND.confidences([A, None, NONE], [(0.9, 0.2, 0.5), (0.9, 0.2, 0.5), ()])
    assert found[0] == pytest.approx(0.9 * 0.8 * 0.5)
    assert np.isnan(found[1:]).all()


def test_calibration_is_over_examples_and_labels() -> None:
    found = KIND.calibration([(0.9, 0.2, 0.5)], [AB])
    assert found is not None
    assert found[0].tolist() == [[pytest.approx(0.1), 0.9], [0.8, 0.2], [0.5, 0.5]]
    assert found[1].tolist() == [1, 1, 0]
    assert KIND.calibration([()], [AB]) is None


def test_the_constant_has_what_half_of_the_examples_have() -> None:
    constant = KIND.constant([AB, A, B, NONE])
    assert constant.parameters == (0.5, 0.5, 0.0)
    assert constant.predict(Example(id="", text="")).value == AB


def test_a_label_that_training_never_shows_cannot_be_learnt() -> None:
    train, scored = [Example(id="1", text="", target=A)], [Example(id="2", text="", target=AB)]
    assert KIND.expected_examples(train, train) is None
    assert "which never shows b" in (KIND.expected_examples(train, scored) or "")
    twice = kind_of(MultiLabel(labels=("a", "a")))
    assert "all different" in (twice.expected_examples(train, train) or "")


def test_it_reads_as_names_in_the_order_of_the_task() -> None:
    assert [KIND.show(value) for value in (AB, NONE, frozenset({7}))] == ["a, b", "(no label)", "7"]
    assert KIND.plain(AB) == "a, b"
    assert KIND.plain(None) is None


def test_slices_are_by_label() -> None:
    found = {name: members.tolist() for name, members in KIND.slices([AB, A, NONE])}
    assert found == {"a": [1, 1, 0], "b": [1, 0, 0], "c": [0, 0, 0], "(no label)": [0, 0, 1]}


def test_packed_bits_fill_whole_bytes() -> None:
    assert [KIND.packed_sizes(count) for count in (1, 3, 8, 100)] == [{1}, {2}, {3}, {38}]
