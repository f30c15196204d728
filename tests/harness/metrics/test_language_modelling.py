"""Bits per byte and perplexities: by hand, against their definition, and the same on resamples."""

import math

import numpy as np
import pytest

from harness import LIKELIHOOD, PSEUDO_LIKELIHOOD, Example, Prediction
from harness.metrics.language_modelling import num_words


def document(text: str) -> Example:
    return Example(id=text, text=text, target=len(text.encode()))


DOCUMENTS = [document("a bé\n"), document("word\nword word\n"), document("x")]
PREDICTIONS = [
    Prediction(value=-6.0, scores=(4.0,)),
    Prediction(value=-20.0, scores=(5.0,)),
    Prediction(value=-2.5, scores=(1.0,)),
]


def test_words_are_counted_as_wikitext_does() -> None:
    assert [num_words(each.text) for each in DOCUMENTS] == [3, 5, 1]


def test_all_documents_are_one_ratio() -> None:
    found = LIKELIHOOD.compute(PREDICTIONS, DOCUMENTS)
    num_bytes = 6 + 15 + 1
    assert found["bits_per_byte"] == pytest.approx(28.5 / math.log(2) / num_bytes)
    assert found["word_perplexity"] == pytest.approx(math.exp(28.5 / 9))
    assert found["token_perplexity"] == pytest.approx(math.exp(28.5 / 10))
    assert {f"pseudo_{name}": value for name, value in found.items()} == PSEUDO_LIKELIHOOD.compute(
        PREDICTIONS, DOCUMENTS
    )


def test_a_resample_is_the_documents_drawn() -> None:
    assert LIKELIHOOD.resample is not None
    weights = np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 1.0]])
    found = LIKELIHOOD.resample([PREDICTIONS, PREDICTIONS], DOCUMENTS)(weights)
    rows = [[0, 1, 2], [0, 0, 2]]
    for number, row in enumerate(rows):
        expected = LIKELIHOOD.compute([PREDICTIONS[i] for i in row], [DOCUMENTS[i] for i in row])
        for name, value in expected.items():
            np.testing.assert_allclose(found[name][:, number], value)


def test_a_perplexity_is_a_number_whatever_a_model_says() -> None:
    assert math.isfinite(LIKELIHOOD.compute([Prediction(value=-1e9)], DOCUMENTS[:1])["word_perplexity"])
