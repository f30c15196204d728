"""Documents: what their credit is, what is timed of one, and that a packed score needs no numbers of tokens."""

import math

import numpy as np

from harness import LIKELIHOOD, Example, LanguageModelling, Prediction
from harness.outputs import Likelihood, kind_of

KIND = kind_of(LanguageModelling())


def document(text: str) -> Example:
    return Example(id="1", text=text, target=len(text.encode()))


def test_credit_is_the_geometric_mean_of_the_bytes_probability() -> None:
    values = [4 * math.log(0.5), None, 0.0]
    np.testing.assert_allclose(KIND.grader([4, 4, 4])(values), [0.5, np.nan, 1.0])


def test_a_document_is_timed_by_its_first_words() -> None:
    long = document("häufig " * 100)
    timed = KIND.timed(long)
    assert timed.text == "häufig " * 63 + "häufig"
    assert KIND.expected_target(timed) is None
    assert KIND.timed(document("\n\n")).text == "\n\n"


def test_an_empty_document_is_none() -> None:
    assert "not empty" in (KIND.expected_target(document("")) or "")


def test_a_prediction_follows_from_the_text_alone() -> None:
    assert KIND.texts(document("ab")) == ("ab",)
    likelihood = Likelihood(log_probability=-1.5, num_tokens=2)
    assert KIND.judged([likelihood]) == Prediction(value=-1.5, scores=(2.0,))


def test_packed_predictions_score_the_same() -> None:
    documents = [document("one two\n"), document("three\n")]
    predictions = [Prediction(value=-7.25, scores=(3.0,)), Prediction(value=-3.125, scores=(1.0,))]
    packed = KIND.pack([p.value for p in predictions], [d.target for d in documents])
    assert packed is not None
    kept = KIND.unpack(packed, [d.target for d in documents])
    whole, without = LIKELIHOOD.compute(predictions, documents), LIKELIHOOD.compute(kept, documents)
    assert without == {name: whole[name] for name in ("bits_per_byte", "word_perplexity")}
