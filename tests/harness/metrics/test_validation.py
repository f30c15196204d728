"""Which examples are scored while a training goes on: few, the same ones for every trial, and from all of the split."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.api.example import Example, Prediction
from harness.api.metric import Compute, Metric
from harness.metrics.validation import validation_of
from tests.fakes.toy import TOY


def examples(count: int) -> list[Example]:
    return [Example(id=str(index), text="red", target=index % 2) for index in range(count)]


@pytest.mark.parametrize(
    ("num_train", "num_validation", "expected"),
    [(10_000, 1_000, 256), (10_000, 100, 100), (1_000, 1_000, 50), (400, 400, 20)],
)
def test_few_are_drawn(num_train: int, num_validation: int, expected: int) -> None:
    scored = {"matched": examples(num_validation), "mismatched": examples(5)}
    found = validation_of(TOY, examples(num_train), scored)
    again = validation_of(TOY, examples(num_train), scored)
    assert found is not None
    assert again is not None
    assert found.examples == again.examples
    ids = [int(example.id) for example in found.examples]
    assert len(ids) == len(set(ids)) == expected
    assert ids == sorted(ids)
    assert {index % 2 for index in ids} == {0, 1}, "not every other one"
    assert max(ids) > 0.8 * num_validation


@pytest.mark.parametrize(("num_train", "num_validation"), [(399, 1_000), (10_000, 19), (10_000, 0)])
def test_where_there_are_too_few_there_is_no_score(num_train: int, num_validation: int) -> None:
    assert validation_of(TOY, examples(num_train), {"validation": examples(num_validation)}) is None


def test_without_a_split_to_be_scored_there_is_none() -> None:
    assert validation_of(TOY, examples(1_000), {}) is None


def test_the_score_is_the_mean_of_the_headline() -> None:
    found = validation_of(TOY, examples(1_000), {"validation": examples(1_000)})
    assert found is not None
    right = [Prediction(value=int(example.target == 1), scores=(0.5, 0.5)) for example in found.examples]
    assert found.score(right) == 100.0


def not_a_number(_: Sequence[Prediction], __: Sequence[Example]) -> dict[str, float]:
    return {"odd": float("nan")}


def needs_the_whole_split(_: Sequence[Prediction], __: Sequence[Example]) -> dict[str, float]:
    raise KeyError("row-7")


@pytest.mark.parametrize("compute", [not_a_number, needs_the_whole_split])
def test_what_a_metric_cannot_score_has_no_score_and_ends_no_training(compute: Compute) -> None:
    task = replace(TOY, metrics=(Metric(names=("odd",), compute=compute),))
    found = validation_of(task, examples(1_000), {"validation": examples(1_000)})
    assert found is not None
    assert found.score([Prediction(value=0, scores=(0.5, 0.5))] * len(found.examples)) is None


def test_predictions_that_are_none_have_no_score() -> None:
    found = validation_of(TOY, examples(1_000), {"validation": examples(1_000)})
    assert found is not None
    nowhere = (float("nan"), float("nan"))
    assert found.score([Prediction(value=0, scores=nowhere)] * len(found.examples)) is None
