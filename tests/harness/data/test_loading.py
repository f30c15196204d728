import csv
import gzip
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.data import FolderData, SampleData
from harness.api.example import Example
from harness.api.limits import Limits
from harness.api.output import Classification
from harness.api.task import Row, Task
from harness.data.loading import load, read_split, sample
from harness.data.source import Source
from harness.errors import DataError, HarnessError
from harness.metrics.glue import ACCURACY

SAMPLE = Source(kind="sample")


def read(row: Row) -> Example:
    return Example(id=str(row.get("id", row["idx"])), text=row["text"], target=row["label"])


def make_task(splits: Mapping[str, Sequence[Mapping[str, Any]]]) -> Task:
    return Task(
        name="toy",
        title="Toy",
        output=Classification(labels=("no", "yes")),
        read=read,
        metrics=(ACCURACY,),
        sample=SampleData(splits=tuple(splits), generate=lambda split, _seed: splits[split], version=1),
        scored=("validation", "extra"),
    )


def rows(count: int) -> list[dict[str, Any]]:
    return [{"text": f"text {index}", "label": index % 2} for index in range(count)]


def examples(count: int) -> list[Example]:
    return [Example(id=str(index), text="", target=0) for index in range(count)]


def test_load_gives_what_is_there_and_names_what_is_missing() -> None:
    data = load(make_task({"train": rows(5), "validation": rows(3), "test": rows(2)}), SAMPLE)
    assert [len(data.train), len(data.scored["validation"]), len(data.predicted["test"])] == [5, 3, 2]
    assert data.missing == ("extra",)
    assert data.train[4] == Example(id="4", text="text 4", target=0)


def test_limits_hold_for_train_and_for_each_other_split() -> None:
    task = make_task({"train": rows(9), "validation": rows(9), "test": rows(9)})
    data = load(task, SAMPLE, Limits(train=4, evaluation=2))
    assert [len(data.train), len(data.scored["validation"]), len(data.predicted["test"])] == [4, 2, 2]


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ({"validation": rows(2)}, "no training split in the sample data"),
        ({"train": rows(2), "test": rows(2)}, "no validation or extra split in the sample data"),
        ({"train": [], "validation": rows(2)}, "train split in the sample data is empty"),
        ({"train": [{**row, "id": 7} for row in rows(2)], "validation": rows(2)}, "has an id more than once"),
        (
            {"train": [*rows(1), {"txt": "a"}], "validation": rows(2)},
            r"train split in the sample data, row 2: cannot be read \(KeyError: 'text', raised at .*.py:\d+\)",
        ),
    ],
)
def test_what_cannot_be_loaded_says_why(splits: dict[str, list[dict[str, Any]]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(make_task(splits), SAMPLE)


def test_a_reader_may_refuse_a_row_in_its_own_words() -> None:
    class OwnError(HarnessError):
        pass

    def refuse(_row: Row) -> Example:
        raise OwnError("not this one")

    task = make_task({"train": rows(1)})
    with pytest.raises(OwnError, match="not this one"):
        read_split(Task(**{**vars(task), "read": refuse}), SAMPLE, "train")


@given(st.integers(1, 60), st.integers(0, 70))
def test_sample_keeps_order_and_number(count: int, limit: int) -> None:
    whole = examples(count)
    kept = sample(whole, limit)
    assert len(kept) == min(limit, count)
    assert [int(example.id) for example in kept] == sorted(int(example.id) for example in kept)


@given(st.integers(1, 40), st.integers(1, 40), st.randoms(use_true_random=False))
def test_sample_is_nested_and_heeds_no_order(small: int, large: int, random: Any) -> None:
    whole = examples(50)
    small, large = sorted((small, large))
    shuffled = random.sample(whole, len(whole))
    assert set(sample(whole, small)) <= set(sample(whole, large))
    assert set(sample(shuffled, small)) == set(sample(whole, small))


def test_limits_are_false_only_without_any() -> None:
    assert not Limits()
    assert Limits(train=0)
    assert Limits(evaluation=3)


def labelled(*labels: Any) -> list[dict[str, Any]]:
    return [{"text": f"text {index}", "label": label} for index, label in enumerate(labels)]


def test_rows_that_the_data_set_leaves_out_are_left_out_and_counted() -> None:
    rule = {"no gold label": lambda row: row["label"] == -1, "no text": lambda row: not row["text"]}
    splits = {
        "train": [*labelled(-1, 0, -1, 1), {"text": "", "label": 0}],
        "validation": labelled(1, -1),
        "test": labelled(0),
    }
    task = replace(make_task(splits), leaves_out=rule)
    data = load(task, SAMPLE)
    assert [(e.id, e.text, e.target) for e in data.train] == [("0", "text 1", 0), ("1", "text 3", 1)]
    assert data.left_out == {"train": {"no gold label": 2, "no text": 1}, "validation": {"no gold label": 1}}
    assert data.num_examples == {"train": 2, "validation": 1, "test": 1}
    assert load(task, SAMPLE, Limits(train=1)).left_out == data.left_out, "of all rows, whatever the limits"


def test_a_split_of_which_all_is_left_out_is_empty() -> None:
    task = replace(make_task({"train": labelled(-1, -1)}), leaves_out={"no gold label": lambda row: row["label"] == -1})
    with pytest.raises(DataError, match=r"train split in the sample data is empty \(2 rows left out: no gold label\)"):
        read_split(task, SAMPLE, "train")


@pytest.mark.parametrize("label", [-1, None, 2, "1", True, 1.0])
@pytest.mark.parametrize("split", ["train", "validation", "extra"])
def test_a_row_without_a_valid_target_is_named(split: str, label: Any) -> None:
    task = make_task({"train": rows(2), "validation": rows(2), "extra": rows(2), split: labelled(0, label)})
    with pytest.raises(DataError, match=rf"^task 'toy', {split} split in the sample data, row 2: found "):
        load(task, SAMPLE)


def test_the_row_that_is_named_is_that_of_the_data_whatever_is_left_out() -> None:
    task = replace(make_task({"train": labelled(-1, 0, 7)}), leaves_out={"none": lambda row: row["label"] == -1})
    with pytest.raises(DataError, match="row 3: found the target 7"):
        read_split(task, SAMPLE, "train")


class Rude(BaseException):
    def __str__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(
    "error", [ValueError("a\nb" * 400), SystemExit(3), Rude(), RecursionError(), OSError(13, "no")]
)
@pytest.mark.parametrize("where", ["read", "rule", "rows", "later rows"])
def test_whatever_a_plugin_raises_is_one_line_with_its_file_and_line(error: BaseException, where: str) -> None:
    def refuse(*_: object) -> Any:
        raise error

    def broken(*_: object) -> Iterator[dict[str, Any]]:
        yield from rows(3)
        raise error

    task = make_task({"train": rows(2)})
    changes: dict[str, dict[str, Any]] = {
        "read": {"read": refuse},
        "rule": {"leaves_out": {"": refuse}},
        "rows": {"sample": SampleData(splits=("train",), generate=refuse, version=1)},
        "later rows": {"sample": SampleData(splits=("train",), generate=broken, version=1)},
    }
    with pytest.raises(DataError) as caught:
        read_split(replace(task, **changes[where]), SAMPLE, "train")
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 900
    assert re.match(r"task 'toy', train split in the sample data(, row 1| after row 3)?: cannot be read \(", text)
    assert re.search(r"raised at .*test_loading\.py:\d+\)", text)


@pytest.mark.parametrize("labels", [("no", "yes"), ["no", "yes"]])
def test_a_label_that_a_plugin_does_not_know_is_called_so(labels: Any) -> None:
    task = make_task({"train": labelled("yes", "perhaps")})
    task = replace(task, read=lambda row: replace(read(row), target=labels.index(row["label"])))
    message = r"row 2: cannot be read \(a value that is not among .*\(no, yes\), raised at .*py:\d+\): .*'perhaps'"
    with pytest.raises(DataError, match=message):
        read_split(task, SAMPLE, "train")


def test_control_c_is_no_mistake_of_the_data() -> None:
    def interrupt(_row: Row) -> Example:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_split(replace(make_task({"train": rows(1)}), read=interrupt), SAMPLE, "train")


@pytest.mark.parametrize("row", [None, 3, "text", ["text"], object()])
def test_a_row_that_has_no_columns_is_named(row: Any) -> None:
    with pytest.raises(DataError, match=r"row 2: cannot be read \(TypeError"):
        read_split(make_task({"train": [*rows(1), row]}), SAMPLE, "train")


def read_csv(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def test_a_file_that_cannot_be_read_is_named_with_what_it_seems_to_be(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_bytes(gzip.compress(b"text,label\n"))
    folder = FolderData(files={"train": "train.csv"}, read=read_csv, root=tmp_path)
    with pytest.raises(DataError, match=r"train\.csv: cannot be read \(Unicode.*\)\. The file seems to be .* gunzip"):
        read_split(replace(make_task({}), folder=folder), SAMPLE, "train")


def test_what_a_plugin_prints_is_no_output_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    def read_aloud(row: Row) -> Example:
        sys.stdout.write(str(row))
        return read(row)

    read_split(replace(make_task({"train": rows(2)}), read=read_aloud), SAMPLE, "train")
    assert capsys.readouterr().out == ""
