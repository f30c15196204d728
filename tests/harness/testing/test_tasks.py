import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.api.data import FolderData, SampleData
from harness.api.example import Example, Prediction, Span
from harness.api.metric import Metric
from harness.api.output import Classification, Regression
from harness.api.task import Task
from harness.data.source import Source
from harness.testing import ConformanceError, check_model, check_task
from tests.fakes.counting import RED, REDNESS, SECOND, TASKS, CounterSpec, read, read_number, read_span, rows


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_conforming_tasks_and_models_pass(task: Task) -> None:
    check_task(task)
    check_model(CounterSpec(name="counter"), task)


def test_a_task_with_its_own_folder_needs_no_source(tmp_path: Path) -> None:
    def parse(path: Path) -> list[dict[str, Any]]:
        return [{"text": line[2:], "label": int(line[0])} for line in path.read_text().splitlines()]

    for name in ("train", "dev"):
        (tmp_path / name).write_text("1 red\n0 blue\n")
    folder = FolderData(files={"train": "train", "validation": "dev"}, read=parse, root=tmp_path)
    check_task(replace(RED, sample=None, folder=folder))


def given(split_rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> SampleData:
    return SampleData(splits=tuple(split_rows), generate=lambda split, _seed: split_rows[split], version=1)


GOOD = [{"text": "red", "label": 1}, {"text": "blue", "label": 0}]
FOREVER = iter(range(10**6))


def metric(compute: Callable[..., dict[str, float]]) -> Metric:
    return Metric(names=("figure",), compute=compute)


def how_wrong(predictions: Sequence[Prediction], examples: Sequence[Example]) -> dict[str, float]:
    wrong = [p.value != e.target for p, e in zip(predictions, examples, strict=True)]
    return {"figure": float(sum(wrong))}


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (replace(RED, sample=None), "brings no data of its own; expected a folder with a root, a sample, or source="),
        (replace(RED, read=lambda row: replace(read(row), id="same")), "has an id more than once"),
        (replace(RED, read=lambda row: replace(read(row), id=row["idx"])), "its id is 0, expected a string"),
        (replace(RED, read=lambda row: replace(read(row), pair=3)), "its pair is 3, expected a string"),
        (replace(RED, read=lambda row: replace(read(row), target=None)), "found no target, expected an index into"),
        (
            replace(RED, read=lambda row: replace(read(row), target=True)),
            "found the target True, expected an index into",
        ),
        (replace(RED, output=Classification(labels=("no",))), "found the target 1, expected an index into"),
        (replace(RED, output=Classification(labels=("no", "no"))), "expected two or more labels, all different"),
        (
            replace(RED, sample=given({"train": GOOD[:1], "validation": GOOD})),
            "in train, which never shows no",
        ),
        (replace(RED, sample=given({"validation": GOOD})), "no training split"),
        (
            replace(
                RED,
                sample=SampleData(splits=RED.sample.splits, generate=lambda s, _: rows(s, next(FOREVER)), version=1),
            ),
            "reading it twice gives different rows",
        ),
        (replace(REDNESS, output=Regression(low=0, high=1)), "expected a number from 0 to 1"),
        (replace(REDNESS, read=lambda row: replace(read_number(row), target=float("nan"))), "expected a number from"),
        (replace(SECOND, read=read_number), "expected a tuple of spans"),
        (replace(SECOND, read=lambda row: replace(read_span(row), target=())), "expected at least one span"),
        (
            replace(SECOND, read=lambda row: replace(read_span(row), target=(Span("pink", 3),))),
            "expected it in the passage, which has ",
        ),
        (replace(RED, metrics=()), "no metrics; expected at least one"),
        (replace(RED, metrics=(metric(lambda *_: {"figure": float("nan")}),)), "expected it finite"),
        (replace(RED, metrics=(metric(lambda *_: {"other": 1.0}),)), "names the value 'figure' and does not give it"),
        (replace(RED, metrics=(metric(how_wrong),)), "expected the right ones to score best"),
    ],
)
def test_a_task_that_does_not_conform_is_told_why(task: Task, message: str) -> None:
    with pytest.raises(ConformanceError) as caught:
        check_task(task)
    assert message in str(caught.value)
    assert "task '" in str(caught.value)


def test_another_source_may_be_given() -> None:
    with pytest.raises(ConformanceError, match="has no folder data"):
        check_task(RED, Source(kind="folder", root=Path()))


def test_import_is_light() -> None:
    heavy = "{'torch', 'datasets', 'pandas', 'tasks', 'baselines'}"
    code = f"import sys, harness.testing; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
