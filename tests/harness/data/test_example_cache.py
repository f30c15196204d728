"""Examples kept in a run's folder: the very same come back, and what might not is not kept."""

import gc
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.data import FolderData
from harness.api.example import Example, Span
from harness.api.output import Classification
from harness.api.task import Row, Task
from harness.catalog import load_catalog
from harness.data.example_cache import ExampleCache, read, write
from harness.data.loading import Split, load, read_split
from harness.data.source import Source
from harness.errors import DataError
from harness.metrics.glue import ACCURACY

TEXT = st.text(st.characters())  # with halves of surrogate pairs, which UTF-8 does not have
SPANS = st.lists(st.builds(Span, text=TEXT, start=st.integers(0)), max_size=3).map(tuple)
SETS = st.frozensets(st.integers(0, 7), max_size=3)  # of larger numbers a text of a set tells how it was made
TARGETS = st.one_of(st.none(), st.integers(), st.floats(), SPANS, SETS, st.lists(st.integers(), max_size=3).map(tuple))
EXAMPLES = st.builds(
    Example, id=TEXT, text=TEXT, pair=st.none() | TEXT, target=TARGETS, tags=st.lists(TEXT, max_size=2).map(tuple)
)


SPLITS = st.builds(
    Split, examples=st.lists(EXAMPLES, max_size=5), left_out=st.dictionaries(TEXT, st.integers(1), max_size=2)
)


@given(split=SPLITS)
def test_the_same_examples_come_back(tmp_path_factory: pytest.TempPathFactory, split: Split) -> None:
    path = tmp_path_factory.getbasetemp() / "examples.json"
    write(path, split)
    assert repr(read(path)) == repr(split)  # repr: NaN is NaN, -0.0 is not 0.0, 1 is not 1.0
    first = path.read_bytes()
    write(path, split)
    assert path.read_bytes() == first


class Word(str):
    pass


@pytest.mark.parametrize(
    "odd",
    [
        {"id": Word("a")},
        {"text": np.str_("a")},
        {"pair": Word("a")},
        {"target": np.int64(1)},
        {"target": np.float64(1)},
        {"target": (np.int64(1),)},
        {"target": (Span(text="a", start=np.int64(0)),)},
        {"target": frozenset({np.int64(1)})},
        {"tags": ["a"]},
        {"tags": (Word("a"),)},
    ],
    ids=str,
)
def test_what_would_come_back_as_something_else_is_not_kept(tmp_path: Path, odd: dict[str, Any]) -> None:
    examples = [Example(id="0", text=""), Example(**{"id": "1", "text": "", **odd})]
    write(tmp_path / "examples.json", Split(examples=examples))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b'{"id": ["0"]}', b"[1, 2]", b'{"id": [', b"\xff"])
def test_a_file_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "examples.json").write_bytes(content)
    assert read(tmp_path / "examples.json") is None
    assert gc.isenabled()


class Counting:
    """Reads a file of lines, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0
        self.upper = False

    def lines(self, path: Path) -> Iterator[dict[str, str]]:
        self.calls += 1
        yield from ({"text": line} for line in path.read_text().splitlines())

    def example(self, row: Row) -> Example:
        return Example(id=str(row["idx"]), text=row["text"].upper() if self.upper else row["text"], target=0)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def task(tmp_path: Path, counting: Counting) -> Task:
    (tmp_path / "train.txt").write_text("a\nb\nc\n")
    (tmp_path / "dev.txt").write_text("d\ne\n")
    return Task(
        name="lines",
        title="Lines",
        output=Classification(labels=("no", "yes")),
        read=counting.example,
        metrics=(ACCURACY,),
        folder=FolderData(files={"train": "train.txt", "validation": "dev.txt"}, read=counting.lines, root=tmp_path),
    )


SOURCE = Source(kind="sample")


def test_a_task_is_parsed_once(tmp_path: Path, task: Task, counting: Counting) -> None:
    cache = ExampleCache(folder=tmp_path / "cache")
    loaded = [load(task, SOURCE, parse=cache.read) for _ in range(3)]
    assert counting.calls == 2, "each split once"
    assert loaded[0] == loaded[1] == loaded[2] == load(task, SOURCE)


def test_all_that_shapes_examples_is_told_apart(tmp_path: Path, task: Task) -> None:
    cache = ExampleCache(folder=tmp_path / "cache")
    paths = {
        cache.path(task, SOURCE, "train", None),
        cache.path(task, SOURCE, "train", 2),
        cache.path(task, SOURCE, "validation", None),
        cache.path(replace(task, version=2), SOURCE, "train", None),
        cache.path(replace(task, name="other"), SOURCE, "train", None),
    }
    (tmp_path / "train.txt").write_text("a\nb\n")
    paths.add(cache.path(task, SOURCE, "train", None))
    assert len(paths) == 6
    assert [e.text for e in cache.read(task, SOURCE, "train", 1).examples] == [
        e.text for e in read_split(task, SOURCE, "train", 1)
    ]


def test_whoever_starts_trials_parses_anew(tmp_path: Path, task: Task, counting: Counting) -> None:
    """Somebody who mends the code of a task before it has any result raises no version."""
    cache = ExampleCache(folder=tmp_path / "cache")
    assert [example.text for example in cache.read(task, SOURCE, "train").examples] == ["a", "b", "c"]
    counting.upper = True
    assert [example.text for example in cache.renew(task, SOURCE, "train").examples] == ["A", "B", "C"]
    assert [example.text for example in cache.read(task, SOURCE, "train").examples] == ["A", "B", "C"]


def test_data_that_change_while_they_are_read_are_not_kept(tmp_path: Path, task: Task, counting: Counting) -> None:
    def meddle(path: Path) -> Iterator[dict[str, str]]:
        yield from counting.lines(path)
        path.write_text("changed\nmeanwhile\n")

    assert task.folder is not None
    meddled = replace(task, folder=replace(task.folder, read=meddle))
    cache = ExampleCache(folder=tmp_path / "cache")
    cache.read(meddled, SOURCE, "train")
    assert not (tmp_path / "cache").exists()


def test_a_mistake_in_the_data_is_told_as_ever(tmp_path: Path, task: Task) -> None:
    (tmp_path / "dev.txt").write_text("")
    with pytest.raises(DataError, match=r"validation split in .*dev\.txt is empty"):
        ExampleCache(folder=tmp_path / "cache").read(task, SOURCE, "validation")


@pytest.mark.parametrize("name", ["cola", "stsb", "mnli", "qnli", "squad_v2", "themes"])
def test_every_kind_of_task_comes_back(tmp_path: Path, name: str) -> None:
    task, cache = load_catalog().task(name), ExampleCache(folder=tmp_path)
    whole = load(task, SOURCE)
    assert load(task, SOURCE, parse=cache.read) == whole
    kept = load(task, SOURCE, parse=cache.read)
    assert repr(kept) == repr(whole)


def test_every_field_is_kept() -> None:
    assert {field.name for field in fields(Example)} == {"id", "text", "pair", "target", "tags"}, "else raise FORMAT"
