from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.api.example import Span
from harness.api.output import Classification, Extraction, Output, Regression
from harness.outputs import kind_of
from reports.analysis.hard_examples import chosen, misses, most_contested, most_missed
from reports.analysis.slices import MIN_QUESTIONS, by_length, slices
from reports.evidence.columns import ExampleColumns
from reports.page.attributions import shaded
from reports.page.spans import pieces, position_of

NAN = float("nan")
CREDIT = np.array([[1, 0, 0, 1, NAN], [1, 0, 0, 0, 0], [1, 0.2, 1, 0, NAN]])
"""Three models; everyone is right on the first question, wrong on the second, and so on."""


def test_what_is_missed_most_comes_first() -> None:
    assert misses(CREDIT, 0.5).tolist() == [0, 3, 2, 2, 1]
    assert most_missed(CREDIT, 0.5).tolist() == [1, 2, 3, 4]


def test_what_is_contested_splits_the_models() -> None:
    assert most_contested(CREDIT, 0.5).tolist() == [2, 3]


def test_both_have_their_share_of_what_is_kept() -> None:
    assert chosen(CREDIT, 0.5, limit=2).tolist() == [1, 2]
    assert chosen(CREDIT, 0.5, limit=99).tolist() == [1, 2, 3, 4, 0]


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.sampled_from([0.0, 0.3, 1.0, NAN]), min_size=width, max_size=width), min_size=1, max_size=5
        )
    ),
    st.integers(0, 6),
)
def test_chosen_are_distinct_and_within_the_limit(rows: list[list[float]], limit: int) -> None:
    credit: NDArray[np.float64] = np.array(rows)
    found = chosen(credit, 0.5, limit).tolist()
    assert len(found) == len(set(found)) == min(limit, credit.shape[1])
    counts = misses(credit, 0.5)[found].tolist()
    assert counts == sorted(counts, reverse=True)


LABELS = Classification(labels=("no", "yes"))


def columns(texts: list[str], output: Output = LABELS, **other: Any) -> ExampleColumns:
    count = len(texts)
    given = {
        "kind": kind_of(output),
        "splits": ("validation",) * count,
        "scored": np.ones(count, dtype=bool),
        "ids": tuple(map(str, range(count))),
        "texts": tuple(texts),
        "pairs": (None,) * count,
        "targets": (0, 1) * (count // 2) + (0,) * (count % 2),
        "tags": ((),) * count,
    }
    return ExampleColumns(**{**given, **other})


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60))
def test_lengths_part_the_examples(lengths: list[int]) -> None:
    parts = by_length(columns([" ".join("w" * length) for length in lengths]))
    assert len(parts) <= 4
    assert np.sum([part.members for part in parts], axis=0).tolist() == [1] * len(lengths)


def test_slices_by_answer_tag_and_split() -> None:
    tags = tuple((("logic: negation",) if i % 2 else ("plain",)) for i in range(40))
    splits = ("a",) * 25 + ("b",) * 15
    scored = np.array([split == "a" for split in splits])
    found = slices(columns(["w w"] * 40, tags=tags, splits=splits, scored=scored))
    named = {(part.family, part.name): part.size for part in found}
    assert named == {
        ("length", "2 words"): 25,
        ("gold label", "no"): 13,
        ("gold label", "yes"): 12,
        ("logic", "negation"): 20,
        ("tag", "plain"): 20,
        ("split", "a"): 25,
        ("split", "b"): 15,
    }


def test_slices_of_numbers_and_spans() -> None:
    numbers = columns(["w"] * 20, Regression(low=0.0, high=5.0), targets=tuple(i / 4 for i in range(20)))
    assert [part.name for part in slices(numbers) if part.family == "gold label"] == []
    many = columns(["w"] * 80, Regression(low=0.0, high=5.0), targets=tuple(i / 16 for i in range(80)))
    parts = [part for part in slices(many) if part.family == "gold label"]
    assert [part.name for part in parts] == ["0 to 1", "1 to 2", "2 to 3", "3 to 4", "4 to 5"]
    assert sum(part.size for part in parts) == 80
    spans = tuple((Span("x", 0),) if i % 2 else () for i in range(2 * MIN_QUESTIONS))
    extraction = columns(["w"] * len(spans), Extraction(unanswerable=True), targets=spans)
    assert [p.name for p in slices(extraction) if p.family == "gold label"] == ["there is one", "there is none"]


@given(st.text(min_size=1), st.data())
def test_pieces_are_the_passage(passage: str, data: st.DataObject) -> None:
    ends = st.integers(0, len(passage))
    spans = data.draw(st.lists(st.tuples(ends, ends).map(sorted).map(tuple), max_size=3))
    found = pieces(passage, spans[:1], spans[1:])
    assert "".join(piece.text for piece in found) == passage
    place = 0
    for piece in found:
        inside = any(a <= place and place + len(piece.text) <= b for a, b in spans[:1])
        assert ("accepted" in piece.kinds) == inside
        place += len(piece.text)


@pytest.mark.parametrize(
    ("answer", "near", "expected"),
    [("an", (), (8, 10)), ("an", (1,), (1, 3)), ("ban", (), (0, 3)), ("zoo", (), None), ("", (), None)],
)
def test_where_an_answer_stands(answer: str, near: tuple[int, ...], expected: tuple[int, int] | None) -> None:
    assert position_of(answer, "bananas an orchard", near) == expected


def test_words_are_shaded_over_the_largest() -> None:
    parts = shaded(" a  bad one", (0.5, -2.0, 0.01), 2.0)
    assert "".join(part.text for part in parts) == " a  bad one"
    assert [(part.text, part.side) for part in parts if part.text.strip()] == [
        ("a", "for"),
        ("bad", "against"),
        ("one", ""),
    ]
    assert [part.text for part in shaded("two words", (1.0,), 1.0)] == ["two words"]
