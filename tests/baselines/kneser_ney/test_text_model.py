"""The n-gram model of texts: its words are the text, and every text has a probability."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from baselines.kneser_ney.text_model import END, TOKEN, TextModel

TEXTS = ["the cat sat on the mat .\n the cat ran .\n", "a dog sat , and the dog ran .\n"]
MODEL = TextModel.fit(TEXTS, order=3, least_count=2)


@given(st.text())
def test_words_are_the_text_and_each_text_has_a_probability(text: str) -> None:
    assert "".join(TOKEN.findall(text)) == text
    if text and all(not 0xD800 <= ord(character) < 0xE000 for character in text):
        found = MODEL.score(text)
        assert math.isfinite(found.log_probability)
        assert found.log_probability <= 0


def test_a_word_that_is_not_known_is_spelled_and_costs_more() -> None:
    known, unknown = MODEL.score("the cat ran"), MODEL.score("the zebra ran")
    assert known.log_probability > unknown.log_probability
    assert known.num_tokens == unknown.num_tokens == 3


def test_spellings_sum_to_one_after_any_beginning() -> None:
    for begun in ([], [ord("d")], [32, 100, 111]):
        each = [MODEL.spelling.log_probabilities([np.array([*begun, byte])])[-1] for byte in range(END + 1)]
        assert math.isclose(float(np.exp(each).sum()), 1.0, abs_tol=1e-9)
