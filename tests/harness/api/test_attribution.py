"""Weights of tokens become weights of words, and what a model says of itself is checked before it is kept."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.attribution import Attribution, find_fault, word_weights, words
from harness.api.example import Example

EXAMPLE = Example(id="a", text="to be", pair="or  not")
RIGHT = Attribution(id="a", towards="yes", text=(1.0, -0.5), pair=(0.0, 2.0))


def test_a_word_has_the_sum_of_its_tokens() -> None:
    text = "un|bear|able  heat!"
    spans = [(0, 3), (3, 8), (8, 12), (14, 18), (18, 19)]
    assert word_weights(text, spans, [1.0, 2.0, 4.0, 8.0, 16.0]) == (7.0, 24.0)


def test_a_token_over_white_space_goes_to_the_words_that_it_touches_by_their_characters() -> None:
    assert word_weights("a bcd e", [(0, 5), (1, 2), (0, 0)], [4.0, 100.0, 100.0]) == (1.0, 3.0, 0.0)


def test_no_words_have_no_weights() -> None:
    assert word_weights(" \n", [(0, 1)], [1.0]) == ()


@given(st.text(), st.data())
def test_nothing_is_lost_of_tokens_within_words(text: str, data: st.DataObject) -> None:
    places = words(text)
    assert all(text[start:end].split() == [text[start:end]] for start, end in places)
    assert len(places) == len(text.split())
    within = st.sampled_from(places).flatmap(
        lambda word: st.tuples(st.integers(word[0], word[1] - 1), st.integers(word[0] + 1, word[1])).filter(
            lambda span: span[0] < span[1]
        )
    )
    spans = data.draw(st.lists(within, max_size=5)) if places else []
    weights = [float(2**index) for index in range(len(spans))]
    found = word_weights(text, spans, weights)
    assert math.isclose(sum(found), sum(weights), abs_tol=1e-9)
    for place, weight in zip(places, found, strict=True):
        inside = [w for span, w in zip(spans, weights, strict=True) if place[0] <= span[0] and span[1] <= place[1]]
        assert math.isclose(weight, sum(inside), abs_tol=1e-9)


def test_what_is_right_has_no_fault() -> None:
    assert find_fault([RIGHT], [EXAMPLE]) == ""
    assert find_fault([], [EXAMPLE]) == ""


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id": "b"}, r"explains the examples \['b'\]; expected \['a'\]"),
        ({"text": (1.0,)}, "'a': its text is explained by 1 weights; expected one for each of 2 words"),
        ({"pair": ()}, "'a': its pair is explained by 0 weights"),
        ({"pair": (1.0, math.nan)}, "expected plain, finite floats"),
        ({"text": (1, 2)}, "expected plain, finite floats"),
    ],
)
def test_faults_are_said(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(AssertionError, match=fault):
        raise AssertionError(find_fault([replace(RIGHT, **change)], [EXAMPLE]))
