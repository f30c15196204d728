import string
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.example import Example, Prediction, Span
from harness.metrics.scoring import score
from harness.metrics.squad import OFFICIAL_V1, OFFICIAL_V2, best_threshold
from harness.outputs.agreement import normalize_answer, token_f1


def example(*accepted: str) -> Example:
    return Example(id="", text="?", pair="", target=tuple(Span(text, 0) for text in accepted))


def figures(metric, *pairs) -> dict[str, float]:
    """Score pairs (answer or answer with P(no answer), accepted texts)."""
    answers = [answer if isinstance(answer, tuple) else (answer,) for answer, _ in pairs]
    predictions = [Prediction(value=value, scores=tuple(scores)) for value, *scores in answers]
    return score([metric], predictions, [example(*accepted) for _, accepted in pairs])


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Cat's\tpaw.", "cats paw"),
        ("a.b the", "ab"),  # punctuation goes first, and leaves no gap
        ("theatre an-other", "theatre another"),
        ("An a THE", ""),
        ("“quoted”", "“quoted”"),  # only ASCII punctuation
        ("caf\u00e9\u00a0a", "caf\u00e9"),
        ("...", ""),
    ],
)
def test_normalisation(text, normal):
    assert normalize_answer(text) == normal


@given(st.text(alphabet=st.sampled_from("aAnthe .,-'\u00a0é1\n")))
def test_normalisation_leaves_words_that_are_no_articles(text):
    normal = normalize_answer(text)
    assert normal == " ".join(normal.split()) == normal.lower()
    assert not set(normal) & set(string.punctuation)
    assert not set(normal.split()) & {"a", "an", "the"}
    plain = "".join(character for character in text.lower() if character not in string.punctuation)
    assert normal.split() == [word for word in plain.split() if word not in {"a", "an", "the"}]


@given(st.lists(st.sampled_from("xyz")), st.lists(st.sampled_from("xyz")))
def test_token_f1_is_twice_the_shared_over_all(predicted, true):
    shared = sum(min(Counter(predicted)[word], Counter(true)[word]) for word in "xyz")
    expected = 2 * shared / (len(predicted) + len(true)) if shared else 0.0
    assert token_f1(predicted, true) == pytest.approx(expected)


def test_version_1_takes_the_best_of_the_accepted_answers():
    result = figures(
        OFFICIAL_V1,
        ("the Red House", ("a house", "red house")),  # exact
        ("big red house", ("red house", "blue")),  # P 2/3, R 1: F1 0.8
        ("green", ("red house",)),
        ("", ("the",)),  # equal once normalised, but no token is shared
    )
    assert result == pytest.approx({"exact_match": 50.0, "f1": 45.0})


def test_version_2_by_kind_of_question():
    result = figures(
        OFFICIAL_V2,
        ("house", ("red house", "houses")),  # P 1, R 1/2: F1 2/3
        ("red house", ("the red house",)),
        ("", ("house",)),
        ("", ()),
        ("house", ()),
        ("the", ()),  # nothing is left of it, so it agrees with no answer
    )
    assert result == pytest.approx(
        {"exact": 50.0, "f1": 100 * (2 / 3 + 3) / 6, "total": 6}
        | {"HasAns_exact": 100 / 3, "HasAns_f1": 100 * (2 / 3 + 1) / 3, "HasAns_total": 3}
        | {"NoAns_exact": 200 / 3, "NoAns_f1": 200 / 3, "NoAns_total": 3}
    )
    assert next(iter(result)) == "f1"


def test_version_2_passes_over_accepted_answers_that_are_empty_once_normalised():
    only_empty = ("", ("the", "."))
    result = figures(OFFICIAL_V2, only_empty, ("house", ("the", "house")), ("", ("the", "house")))
    assert result["exact"] == pytest.approx(200 / 3)
    assert result["HasAns_total"] == 3  # a question with answers is one, whatever is left of them
    assert not any(name.startswith("NoAns") for name in result)


def test_version_2_takes_a_value_above_one_for_no_answer():
    result = figures(OFFICIAL_V2, (("house", 1.5), ("house",)), (("house", 1.5), ()), (("house", 1.0), ("house",)))
    assert result["HasAns_exact"] == 50.0
    assert result["NoAns_f1"] == 100.0
    assert result["best_f1"] == 100.0  # the search is over the answers as they are


def test_best_thresholds_by_hand():
    """From 2 (both unanswerable right): +1 at 0.1, -1 at 0.2, +0.5 at 0.3, +0 at 0.4: best 3 of 4, at 0.1."""
    result = figures(
        OFFICIAL_V2,
        (("red", 0.3), ("red, green, blue",)),
        (("red", 0.1), ("red",)),
        (("red", 0.2), ()),
        (("", 0.4), ()),
    )
    assert (result["best_exact"], result["best_exact_thresh"]) == (75.0, 0.1)
    assert (result["best_f1"], result["best_f1_thresh"]) == (75.0, 0.1)
    assert "best_f1" not in figures(OFFICIAL_V2, ("red", ("red",)))


answered_questions = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]), st.booleans(), st.booleans()
    ),
    min_size=1,
    max_size=12,
)


@given(answered_questions)
def test_best_threshold_agrees_with_trying_every_point(questions):
    scores, na_probs, answered, answerable = (np.array(column) for column in zip(*questions, strict=True))
    surest_first = sorted(range(len(questions)), key=lambda index: na_probs[index])

    def right_with(num_answers: int) -> float:
        """Return how much is right when that many of the surest answers are given, and "none" for the others."""
        given_ones = surest_first[:num_answers]
        right = 0.0
        for index in range(len(questions)):
            if index in given_ones:
                right += scores[index] if answerable[index] else float(not answered[index])
            else:
                right += float(not answerable[index])
        return right

    points = [right_with(num) for num in range(len(questions) + 1)]
    best = points.index(max(points))
    expected = (100 * max(points) / len(questions), na_probs[surest_first[best - 1]] if best else 0.0)
    assert best_threshold(scores, na_probs, answered=answered, answerable=answerable) == pytest.approx(expected)
