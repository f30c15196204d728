"""Examples and attributions come back from disk as they were, and files that are none are refused in one line."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.api.attribution import Attribution
from harness.api.example import Example, Span
from harness.errors import RunError
from harness.store.examples import read_attributions, read_examples, write_attributions, write_examples

HOSTILE = ("", "\x00", "</script><b>", "\u2028", "\ufeff", "💥 \U0010ffff", '"\\', "a\tb\r\nc", "NaN", "null")
texts = st.text() | st.sampled_from(HOSTILE)
TARGETS: tuple[st.SearchStrategy[Any], ...] = (
    st.integers(0, 9),
    st.floats(allow_nan=False),
    st.lists(st.builds(Span, texts, st.integers(0, 2**40)), max_size=3).map(tuple),
    st.none(),
    st.frozensets(st.integers(0, 9)),
)
reuse = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)


def examples_with(targets: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Example]]:
    tags = st.lists(texts, max_size=2).map(tuple)
    return st.lists(st.builds(Example, id=texts, text=texts, pair=st.none() | texts, target=targets, tags=tags))


@reuse
@given(made=st.one_of(*map(examples_with, TARGETS)))
def test_examples_come_back(tmp_path: Path, made: list[Example]) -> None:
    path = tmp_path / "new" / "examples.parquet"
    write_examples(path, made)
    assert read_examples(path) == made
    assert [type(e.target) for e in read_examples(path)] == [type(e.target) for e in made]


@reuse
@given(
    made=st.lists(
        st.builds(
            Attribution,
            id=texts,
            towards=texts,
            text=st.lists(st.floats(allow_nan=False, allow_infinity=False)).map(tuple),
            pair=st.lists(st.floats(allow_nan=False, allow_infinity=False)).map(tuple),
        )
    )
)
def test_attributions_come_back(tmp_path: Path, made: list[Attribution]) -> None:
    path = tmp_path / "attributions.json"
    write_attributions(path, made)
    assert read_attributions(path) == made


def test_no_file_is_no_attributions_and_no_examples_are_an_error(tmp_path: Path) -> None:
    assert read_attributions(tmp_path / "none.json") == []
    with pytest.raises(RunError, match=r"none\.parquet: cannot be read"):
        read_examples(tmp_path / "none.parquet")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[",
        b"{}",
        b"\xff\xfe",
        b'[{"id": "a", "towards": "b"}]',
        b'[{"id": "a", "towards": "b", "text": ["x"]}]',
        b'[{"id": 1, "towards": "b", "text": []}]',
        b"[" * 10_000,
    ],
)
def test_bad_attributions(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "attributions.json"
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"attributions\.json: attributions that cannot be read"):
        read_attributions(path)


def columns(**changes: Any) -> dict[str, Any]:
    given_ = {"id": ["a"], "text": ["b"], "pair": ["c"], "target": [1], "tags": [["d"]], **changes}
    return {name: column for name, column in given_.items() if column is not None}


@pytest.mark.parametrize(
    "changed",
    [{"id": None}, {"target": None}, {"tags": None}, {"tags": [None]}, {"extra": [1]}, {"target": [[{"begin": 1}]]}],
)
def test_other_tables_are_no_examples(tmp_path: Path, changed: dict[str, Any]) -> None:
    path = tmp_path / "examples.parquet"
    pq.write_table(pa.table(columns()), path)
    assert read_examples(path) == [Example(id="a", text="b", pair="c", target=1, tags=("d",))]
    pq.write_table(pa.table(columns(**changed)), path)
    with pytest.raises(RunError, match=r"examples\.parquet: cannot be read"):
        read_examples(path)


@pytest.mark.parametrize("length", [0, 4, 100, -1])
def test_examples_cut_short(tmp_path: Path, length: int) -> None:
    path = tmp_path / "examples.parquet"
    write_examples(path, [Example(id=str(number), text="a text", target=0) for number in range(9)])
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(RunError, match=r"examples\.parquet: cannot be read"):
        read_examples(path)
