from typing import Any

import numpy as np
import pytest

from harness.api.example import Example, Span
from harness.api.output import Classification, Extraction, MultiLabel, Output, Regression
from harness.api.task import Task
from harness.data.checking import ExampleError, checked
from harness.metrics.glue import ACCURACY

LABELS = Classification(labels=("no", "perhaps", "yes"))
SETS = MultiLabel(labels=("a", "b", "c"))
NUMBERS = Regression(low=-2.0, high=5.0)
SPANS = Extraction(unanswerable=False)
HUGE = 10**400  # no float


def task(output: Output) -> Task:
    return Task(name="toy", title="Toy", output=output, read=example, metrics=(ACCURACY,), scored=("dev",))


def example(target: Any) -> Example:
    return Example(id="0", text="?", pair="The red mill.", target=target)


@pytest.mark.parametrize(
    ("output", "given", "plain"),
    [
        (LABELS, np.int64(2), 2),
        (LABELS, np.int8(0), 0),
        (SETS, frozenset({np.int64(1), np.int64(2)}), frozenset({1, 2})),
        (SETS, frozenset(), frozenset()),
        (NUMBERS, np.float32(2.5), 2.5),
        (NUMBERS, -1, -1),
        (SPANS, (Span("red", 4),), (Span("red", 4),)),
    ],
)
@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_a_target_becomes_pythons_own(output: Output, given: Any, plain: Any, split: str) -> None:
    (found,) = checked([example(given)], task(output), split)
    assert (type(found.target), found.target) == (type(plain), plain)
    assert all(type(member) is int for member in plain) if isinstance(plain, frozenset) else True


@pytest.mark.parametrize(
    ("output", "given"),
    [(LABELS, None), (LABELS, -1), (LABELS, -1.0), (LABELS, np.int64(-1)), (LABELS, float("nan")), (SETS, None),
     (NUMBERS, np.float32("nan")), (NUMBERS, None), (SPANS, None)],
)  # fmt: skip
def test_only_what_is_neither_trained_on_nor_scored_may_be_unlabelled(output: Output, given: Any) -> None:
    assert [held.target for held in checked([example(given)], task(output), "test")] == [None]
    for split in ("train", "dev"):
        with pytest.raises(ExampleError, match=r"found (no target|the target .*), expected .*; only splits that are"):
            checked([example(given)], task(output), split)


class Unspeakable:
    def __repr__(self) -> str:
        raise SystemError

    def __eq__(self, other: object) -> bool:
        raise SystemError

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("output", "given", "message"),
    [
        (LABELS, 3, r"the target 3, expected an index into 3 labels \(no, perhaps, yes\)"),
        (LABELS, HUGE, "the target 1000.*…, expected an index"),
        (LABELS, -2, "the target -2"),
        (LABELS, 1.0, r"the target 1\.0"),
        (LABELS, True, "the target True"),
        (LABELS, np.bool_(True), "the target True"),
        (LABELS, "yes", "the target 'yes'"),
        (LABELS, np.array([1, 2]), "the target array"),
        (LABELS, Unspeakable(), "the target a Unspeakable"),
        (SETS, {1}, r"the target \{1\}, expected a frozenset"),
        (SETS, frozenset({3}), "expected a frozenset"),
        (SETS, frozenset({"a"}), "expected a frozenset"),
        (NUMBERS, 5.01, "expected a number from -2 to 5"),
        (NUMBERS, "2.5", "expected a number"),
        (NUMBERS, False, "expected a number"),
        (NUMBERS, float("inf"), "expected a number"),
        (SPANS, (), "expected at least one span"),
        (SPANS, [Span("red", 4)], "expected a tuple of spans"),
        (SPANS, ("red",), "expected a tuple of spans"),
        (SPANS, (Span("red", -9),), "expected a tuple of spans"),
        (SPANS, (Span("red", "4"),), "expected a tuple of spans"),  # type: ignore[arg-type]
        (SPANS, (Span(3, 4),), "expected a tuple of spans"),  # type: ignore[arg-type]
    ],
    ids=lambda value: "huge" if value is HUGE else None,
)
@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_a_target_of_another_kind_is_refused_in_every_split(
    output: Output, given: Any, message: str, split: str
) -> None:
    with pytest.raises(ExampleError, match=message) as caught:
        checked([example(given)], task(output), split)
    assert caught.value.index == 0
    assert "\n" not in caught.value.what
    assert len(caught.value.what) < 600


def test_only_what_is_learnt_from_has_to_be_in_the_passage() -> None:
    moved = example((Span("red", 5),))
    with pytest.raises(ExampleError, match="expected it in the passage, which has 'ed ' at 5"):
        checked([moved], task(SPANS), "train")
    assert checked([moved], task(SPANS), "dev") == [moved]


@pytest.mark.parametrize(
    ("examples", "index", "message"),
    [
        ([example(0), None], 1, "its example is None, expected an Example"),
        ([example(0), {"id": "1"}], 1, "expected an Example"),
        ([example(0), Example(id="1", text=None, target=0)], 1, "its text is None, expected a string"),  # type: ignore[arg-type]
        ([example(0), Example(id=1, text="", target=0)], 1, "its id is 1, expected a string"),  # type: ignore[arg-type]
        ([example(0), Example(id="1", text="", pair=3, target=0)], 1, "its pair is 3"),  # type: ignore[arg-type]
        ([example(0), Example(id="1", text="a\ud800", target=0)], 1, "its text has half of a surrogate pair"),
        ([example(0), Example(id="1", text="", target=0), example(0)], 2, "has an id more than once: '0'"),
    ],
)
def test_an_example_that_is_none_is_named(examples: list[Any], index: int, message: str) -> None:
    with pytest.raises(ExampleError, match=message) as caught:
        checked(examples, task(LABELS), "test")
    assert caught.value.index == index


def test_empty_texts_and_odd_characters_are_texts() -> None:
    texts = ["", " ", "\0", "\u2028", "a\rb", "🦆"]
    examples = [Example(id=str(number), text=text, target=0) for number, text in enumerate(texts)]
    assert checked(examples, task(LABELS), "train") == examples
