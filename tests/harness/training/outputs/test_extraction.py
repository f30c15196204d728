import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.api.encoding import Encoded
from harness.api.example import Example, Prediction
from harness.api.output import Classification, Extraction, Regression
from harness.api.recipe import Decoding
from harness.training.outputs import head_of

PASSAGE = "zero one two three four five six seven eight nine"
WORDS = [(start, start + len(word)) for word in PASSAGE.split() for start in [PASSAGE.index(word)]]
OUTSIDE = (-1, -1)


def encode(*examples: list[list[int | None]]) -> Encoded:
    """Return windows of tokens: ``None`` lies outside the passage, a number is that word of it."""
    windows = [window for example in examples for window in example]
    spans = [OUTSIDE if token is None else WORDS[token] for window in windows for token in window]
    return Encoded(
        ids=np.zeros(len(spans), dtype=np.int32),
        types=np.zeros(len(spans), dtype=np.int8),
        offsets=np.cumsum([0, *map(len, windows)]),
        examples=np.repeat(np.arange(len(examples), dtype=np.int32), [len(example) for example in examples]),
        spans=np.array(spans, dtype=np.int32).reshape(-1, 2),
    )


def questions(number: int) -> list[Example]:
    return [Example(id=str(index), text="which?", pair=PASSAGE) for index in range(number)]


def reference(encoded: Encoded, logits, *, unanswerable: bool, longest: int) -> list[Prediction]:
    """Decode spans the plain way: every start, every end, one window after the other."""
    predictions = []
    for example in range(int(encoded.examples.max()) + 1):
        candidates, none_score = [], math.inf
        for window in np.flatnonzero(encoded.examples == example):
            first, last = encoded.offsets[window], encoded.offsets[window + 1]
            none_score = min(none_score, float(logits[first, 0]) + float(logits[first, 1]))
            for start in range(first, last):
                for end in range(start, min(start + longest, last)):
                    if encoded.spans[start, 0] >= 0 and encoded.spans[end, 0] >= 0:
                        text = PASSAGE[encoded.spans[start, 0] : encoded.spans[end, 1]]
                        candidates.append((float(logits[start, 0]) + float(logits[end, 1]), text))
        candidates.sort(key=lambda candidate: -candidate[0])  # stable: the earlier start, then the shorter, stays first
        best_score, best_text = candidates[0] if candidates else (-math.inf, "")
        value = "" if unanswerable and none_score > best_score else best_text
        against = sum(math.exp(score - none_score) for score, _ in candidates[:20])
        predictions.append(Prediction(value=value, scores=(1 / (1 + against),) if unanswerable else ()))
    return predictions


windows = st.builds(
    lambda before, start, length, after: (
        [None] * (1 + before) + [*range(start, min(start + length, 10))] + [None] * after
    ),
    st.integers(0, 2),
    st.integers(0, 9),
    st.integers(0, 8),
    st.integers(0, 1),
)


@settings(deadline=None)
@given(st.lists(st.lists(windows, min_size=1, max_size=3), min_size=1, max_size=4), st.booleans(), st.data())
def test_spans_agree_with_the_plain_loop(examples, unanswerable, data):
    encoded = encode(*examples)
    size = 2 * len(encoded.ids)
    logit = st.integers(-6, 6).map(lambda number: number / 2)  # coarse, so that scores tie
    logits = np.array(data.draw(st.lists(logit, min_size=size, max_size=size)), dtype=np.float32).reshape(-1, 2)
    longest = data.draw(st.integers(1, 12))
    output = Extraction(unanswerable=unanswerable)
    decoding = Decoding(max_answer_length=longest)
    found = head_of(output).decode(logits, encoded, questions(len(examples)), decoding)
    expected = reference(encoded, logits, unanswerable=unanswerable, longest=longest)
    assert [prediction.value for prediction in found] == [prediction.value for prediction in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.scores == pytest.approx(other.scores)


def spans_of(encoded: Encoded, wanted: dict[int, tuple[float, float]], **options) -> list[Prediction]:
    """Decode logits that are -5 but for those of the ``wanted`` tokens."""
    logits = np.full((len(encoded.ids), 2), -5.0, dtype=np.float32)
    for token, values in wanted.items():
        logits[token] = values
    output = Extraction(unanswerable=options.pop("unanswerable", True))
    return head_of(output).decode(logits, encoded, questions(int(encoded.examples[-1]) + 1), Decoding(**options))


def test_a_span_is_the_passage_from_its_first_to_its_last_character():
    [answer] = spans_of(encode([[None, None, 2, 3, 4, None]]), {2: (3, 0), 4: (0, 3)}, unanswerable=False)
    assert answer == Prediction(value="two three four")


def test_a_span_crosses_no_window_and_begins_and_ends_inside_the_passage():
    encoded = encode([[None, 0, 1], [None, 2, 3]])
    [answer] = spans_of(encoded, {0: (9, 9), 1: (0, 1), 2: (4, 0), 3: (9, 9), 4: (0, 4)}, unanswerable=False)
    assert answer.value == "one"  # 4 + 0; "one" to "two" would have 8


def test_a_span_that_is_too_long_is_none():
    encoded = encode([[None, 0, 1, 2, 3]])
    wanted = {1: (6, 0), 4: (0, 6)}
    assert spans_of(encoded, wanted, max_answer_length=4)[0].value == "zero one two three"
    assert spans_of(encoded, wanted, max_answer_length=3)[0].value == "zero"


def test_no_answer_needs_every_window_and_a_higher_score():
    encoded = encode([[None, 0], [None, 1]], [[None, 0], [None, 1]], [[None, 0]])
    first, second, tie = spans_of(
        encoded, {0: (9, 0), 1: (1, 1), 4: (9, 0), 6: (9, 0), 5: (1, 1), 8: (1, 1), 9: (1, 1)}
    )
    assert first.value == "zero"  # its second window does not want "no answer"
    assert second.value == ""
    assert tie.value == "zero"
    assert tie.scores == pytest.approx((0.5,))
    assert first.scores[0] < 0.5 < second.scores[0]


def test_a_passage_without_a_token_has_no_answer():
    assert spans_of(encode([[None, None]]), {}) == [Prediction(value="", scores=(1.0,))]
    assert spans_of(encode([[None, None]]), {}, unanswerable=False) == [Prediction(value="")]


def test_probabilities_bear_logits_of_any_size():
    encoded = encode([[None, 0]], [[None, 0]])
    answers = spans_of(encoded, {0: (2000, 2000), 1: (0, 0), 2: (-2000, -2000)})
    assert [answer.scores for answer in answers] == [(1.0,), (0.0,)]


def test_labels_have_probabilities():
    logits = np.array([[0.0, math.log(3.0)], [1000.0, 0.0], [2.0, 2.0]], dtype=np.float32)
    head = head_of(Classification(labels=("no", "yes")))
    answers = head.decode(logits, encode([[None]], [[None]], [[None]]), questions(3), Decoding())
    assert [answer.value for answer in answers] == [1, 0, 0]
    assert answers[0].scores == pytest.approx((0.25, 0.75))
    assert [answer.scores for answer in answers[1:]] == [(1.0, 0.0), (0.5, 0.5)]
    assert type(answers[0].value) is int


def test_numbers_are_what_the_network_says():
    logits = np.array([[2.5], [-7.0]], dtype=np.float32)
    head = head_of(Regression(low=0.0, high=5.0))
    answers = head.decode(logits, encode([[None]], [[None]]), questions(2), Decoding())
    assert answers == [Prediction(value=2.5), Prediction(value=-7.0)]


@pytest.mark.parametrize("unanswerable", [True, False])
def test_logits_that_are_no_numbers_show_in_the_scores_of_their_example_alone(unanswerable: bool) -> None:
    encoded = encode([[None, 0, 1], [None, 1, 2]], [[None, 3]])
    logits = np.zeros((8, 2), np.float32)
    logits[2, 1] = np.nan
    head = head_of(Extraction(unanswerable=unanswerable))
    found = head.decode(logits, encoded, questions(2), Decoding())
    assert [any(map(math.isnan, prediction.scores)) for prediction in found] == [True, False]
