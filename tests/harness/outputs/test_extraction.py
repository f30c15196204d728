"""Spans: what is one, its credit, and how it reads."""

import numpy as np
import pytest

from harness.api.example import Example, Prediction, Span
from harness.api.output import Extraction
from harness.outputs.extraction import ExtractionKind

ALWAYS, PERHAPS = (ExtractionKind(Extraction(unanswerable=unanswerable)) for unanswerable in (False, True))
PASSAGE = "the red house stands by the sea"
RED = (Span(start=4, text="red house"), Span(start=0, text="the red house"))


def example(target: object, pair: str | None = PASSAGE) -> Example:
    return Example(id="1", text="what?", pair=pair, target=target)


def test_targets_are_spans_of_the_passage() -> None:
    assert ALWAYS.expected_target(example(RED)) is PERHAPS.expected_target(example(RED)) is None
    assert PERHAPS.expected_target(example(())) is None
    assert ALWAYS.expected_target(example(())) == "at least one span, as unanswerable is False"
    for target in ("red house", ["red house"], ("red house",)):
        assert ALWAYS.expected_target(example(target)) == "a tuple of spans"
    moved = (Span(start=5, text="red house"),)
    assert ALWAYS.expected_target(example(moved)) is None, "only its text is scored"
    assert ALWAYS.expected_training_target(example(moved)) == "it in the passage, which has 'ed house ' at 5"
    assert ALWAYS.expected_training_target(example(moved, pair=None)) == "it in the passage, which has '' at 5"


@pytest.mark.parametrize(
    ("kind", "value", "scores", "expected"),
    [
        (ALWAYS, "red house", (), None),
        (ALWAYS, "blue", (), "a piece of the passage"),
        (ALWAYS, 1, (), "a piece of the passage"),
        (ALWAYS, "", (), "some text, as unanswerable is False"),
        (PERHAPS, "", (1.0,), None),
        (PERHAPS, "", (0.5, 0.5), "no score but the probability of no answer"),
    ],
)
def test_predictions_are_pieces_of_the_passage(
    kind: ExtractionKind, value: object, scores: tuple[float, ...], expected: str | None
) -> None:
    assert kind.expected_prediction(Prediction(value=value, scores=scores), example(RED)) == expected


def test_models_that_know_all_and_nothing() -> None:
    assert ALWAYS.perfect(RED) == Prediction(value="red house", scores=(0.0,))
    assert PERHAPS.perfect(()) == Prediction(value="", scores=(1.0,))
    assert PERHAPS.uninformed() == [Prediction(value="", scores=(1.0,))]
    assert (ALWAYS.num_logits, ALWAYS.may_be_unanswerable, PERHAPS.may_be_unanswerable) == (2, False, True)


def test_the_constant_is_no_answer_or_the_first_words() -> None:
    perhaps, always = PERHAPS.constant([(), RED, RED, RED]), ALWAYS.constant([RED])
    assert perhaps.predict(example(RED)) == Prediction(value="", scores=(0.25,))
    assert always.predict(example(RED)) == Prediction(value="the red house", scores=(0.0,))
    assert always.predict(example(RED, pair="one")).value == "one"
    assert always.predict(example(RED, pair=None)).value == ""


def test_credit_is_the_f1_with_the_nearest_text() -> None:
    credit = ALWAYS.grader([RED, RED, RED, RED])(["red house", "house", "sea", None])
    assert credit.tolist()[:3] == [1.0, pytest.approx(2 / 3), 0.0]
    assert np.isnan(credit[3])
    assert PERHAPS.grader([(), (), RED])(["", "sea", ""]).tolist() == [1.0, 0.0, 0.0]
    assert ALWAYS.grader([()])([""]).tolist() == [0.0]


def test_confidence_is_that_of_no_answer() -> None:
    found = PERHAPS.confidences(["", "sea", "sea"], [(0.9,), (0.1,), None])
    assert found.tolist()[:2] == [0.9, 0.1]
    assert np.isnan(found[2])


def test_how_it_reads() -> None:
    assert ALWAYS.show("sea") == "sea"
    assert PERHAPS.show("") == PERHAPS.show(()) == "(no answer)"
    assert ALWAYS.show((*RED, RED[0])) == "red house / the red house"
    assert ALWAYS.plain(RED) == [["red house", 4], ["the red house", 0]]
    assert ALWAYS.plain("sea") == "sea"
    assert ALWAYS.spans(RED) == RED
    assert PERHAPS.slices([RED, RED]) == []
    assert [(name, members.tolist()) for name, members in PERHAPS.slices([RED, ()])] == [
        ("there is one", [True, False]),
        ("there is none", [False, True]),
    ]


def test_spans_are_not_packed() -> None:
    assert ALWAYS.pack(["sea"], [RED]) is None
    assert ALWAYS.packed_sizes(3) == set()
