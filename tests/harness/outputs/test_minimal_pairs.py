"""Minimal pairs: what a tie is, how sure a model is, and what pairs cannot be."""

import math

import numpy as np
import pytest

from harness import Example, MinimalPairs, Prediction
from harness.outputs import Likelihood, kind_of

KIND = kind_of(MinimalPairs())


@pytest.mark.parametrize(("good", "bad", "value"), [(-1.0, -2.0, 0), (-2.0, -1.0, 1), (-2.0, -2.0, 1)])
def test_the_more_probable_sentence_is_predicted_and_a_tie_is_wrong(good: float, bad: float, value: int) -> None:
    judged = KIND.judged([Likelihood(log_probability=each, num_tokens=3) for each in (good, bad)])
    assert judged == Prediction(value=value, scores=(good, bad))
    assert KIND.grader([0])([judged.value]).tolist() == [1.0 - value]


def test_confidence_is_the_probability_of_the_chosen_one() -> None:
    found = KIND.confidences([0, 1, 0], [(math.log(0.3), math.log(0.1)), (-5.0, -5.0), None])
    np.testing.assert_allclose(found, [0.75, 0.5, np.nan])


@pytest.mark.parametrize(
    ("text", "pair", "expected"),
    [("a", None, "two sentences that are not empty"), ("", "a", "not empty"), ("a", "a", "two sentences that differ")],
)
def test_what_is_no_pair(text: str, pair: str | None, expected: str) -> None:
    assert expected in (KIND.expected_target(Example(id="1", text=text, pair=pair, target=0)) or "")


def test_a_bit_a_pair() -> None:
    assert len(KIND.pack([0, 1] * 8, [0] * 16) or b"") == 2
    with pytest.raises(ValueError, match="neither sentence"):
        KIND.pack([2], [0])
