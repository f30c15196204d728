"""Numbers: what is one, its credit, and how predictions are packed."""

import math

import numpy as np
import pytest

from harness.api.example import Example, Prediction
from harness.api.output import Regression
from harness.outputs.regression import RegressionKind

KIND = RegressionKind(Regression(low=1.0, high=5.0))


def example(target: object) -> Example:
    return Example(id="1", text="a", target=target)


@pytest.mark.parametrize("target", [1, 5.0, 2.5])
def test_targets_are_numbers_in_the_range(target: object) -> None:
    assert KIND.expected_target(example(target)) is None


@pytest.mark.parametrize("target", [0.99, 5.01, True, None, math.nan])
def test_other_targets_are_not_expected(target: object) -> None:
    assert KIND.expected_target(example(target)) == "a number from 1 to 5"


def test_predictions_are_finite_floats_of_any_size() -> None:
    assert KIND.expected_prediction(Prediction(value=99.0), example(1)) is None
    for value in (math.nan, math.inf, 1, "1"):
        assert KIND.expected_prediction(Prediction(value=value), example(1)) == "a plain, finite float"


def test_models_that_know_all_and_nothing() -> None:
    assert KIND.perfect(2) == Prediction(value=2.0)
    assert KIND.uninformed() == [Prediction(value=3.0)]
    constant = KIND.constant([1.0, 2.0, 6.0])
    assert constant.parameters == (3.0,)
    assert constant.predict(example(1)) == Prediction(value=3.0)


def test_credit_falls_with_the_distance_over_the_range() -> None:
    credit = KIND.grader([1.0, 2.0, 5.0, 1.0])([1.0, 3.0, -3.0, None])
    assert credit.tolist()[:3] == [1.0, 0.75, 0.0]
    assert np.isnan(credit[3])
    assert (KIND.spread, KIND.near, KIND.num_logits) == (4.0, 1.0, 1)


def test_how_it_reads() -> None:
    assert KIND.show(2.345678) == "2.35"
    assert [KIND.plain(value) for value in (2.34567, None, math.nan, 1)] == [2.346, None, None, 1.0]


def test_a_number_at_an_edge_is_in_the_lower_fifth() -> None:
    edge = 1.0 + 4.0 / 5
    slices = dict(KIND.slices([1.0, edge, 5.0]))
    assert list(slices) == ["1 to 1.8", "1.8 to 2.6", "2.6 to 3.4", "3.4 to 4.2", "4.2 to 5"]
    assert [members.tolist() for members in slices.values()] == [
        [True, True, False], [False] * 3, [False] * 3, [False] * 3, [False, False, True],
    ]  # fmt: skip


def test_numbers_come_back_in_single_precision_where_that_is_exact() -> None:
    for values, size in (([0.5, 2.0], 4), ([0.1, 2.0], 8), ([1e300, 0.5], 8)):
        raw = KIND.pack(values, [1.0, 1.0])
        assert raw is not None
        assert len(raw) == 2 * size
        assert len(raw) in KIND.packed_sizes(2)
        assert [prediction.value for prediction in KIND.unpack(raw, [1.0, 1.0])] == values
    assert KIND.packed_sizes(3) == {12, 24}


@pytest.mark.parametrize("value", [math.nan, math.inf, "x"])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="expected finite numbers"):
        KIND.pack([value], [1.0])
    with pytest.raises(ValueError, match="not finite numbers"):
        KIND.unpack(np.array([math.nan], "<f4").tobytes(), [1.0])
