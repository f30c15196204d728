from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.data import SampleData
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
        ({"train": rows(2), "test": rows(2)}, "none of validation, extra in the sample data: nothing to score"),
        ({"train": [], "validation": rows(2)}, "the train split in the sample data is empty"),
        ({"train": [{**row, "id": 7} for row in rows(2)], "validation": rows(2)}, "has an id more than once"),
        ({"train": [*rows(1), {"txt": "a"}], "validation": rows(2)}, r"train split, row 2: cannot be read \(KeyError"),
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
