import json
from dataclasses import replace

import pytest

from baselines.majority import MAJORITY
from harness.api.example import Example, Prediction, Span
from harness.api.model import FitSession
from harness.api.output import Classification, Extraction, Regression
from harness.api.task import Task
from harness.testing import check_model
from tasks.glue import RTE, STSB
from tests.fakes.networks import LABELS, NUMBERS, SPANS, toy_task

ANSWERABLE = toy_task("answerable", Extraction(unanswerable=False))
THREE = toy_task("three", Classification(labels=("a", "b", "c")))


def answer(task: Task, targets: list[object], example: Example) -> tuple[Prediction, int]:
    model = MAJORITY.build(task, seed=0, device="cpu")
    model.fit([replace(example, target=target) for target in targets], FitSession())
    return model.predict([example])[0], model.num_parameters


@pytest.mark.parametrize(
    ("task", "targets", "expected", "num_parameters"),
    [
        (THREE, [1, 2, 2, 1], Prediction(value=1, scores=(0.0, 0.5, 0.5)), 3),
        (LABELS, [0, 1, 1, 1], Prediction(value=1, scores=(0.25, 0.75)), 2),
        (NUMBERS, [1.0, 2, 4.5], Prediction(value=2.5), 1),
        (SPANS, [(), (Span("a", 0),), (Span("a", 0),), ()], Prediction(value="", scores=(0.5,)), 1),
        (ANSWERABLE, [(Span("a", 0),)], Prediction(value="One, two\nthree", scores=(0.0,)), 1),
    ],
)
def test_gives_the_most_frequent_answer(task, targets, expected, num_parameters):
    example = Example(id="1", text="what?", pair=" One, two\nthree four.")
    assert answer(task, targets, example) == (expected, num_parameters)


@pytest.mark.parametrize(("pair", "expected"), [("One", "One"), ("one  two", "one  two"), ("", ""), (None, "")])
def test_a_short_passage_is_its_own_answer(pair, expected):
    assert answer(ANSWERABLE, [(Span("", 0),)], Example(id="1", text="", pair=pair))[0].value == expected


def test_answers_every_kind():
    kinds = (Classification(labels=("a",)), Regression(low=0, high=1), Extraction(unanswerable=True))
    assert all(MAJORITY.supports(output) for output in kinds)
    json.dumps(MAJORITY.identity(), allow_nan=False)


@pytest.mark.parametrize("task", [RTE, STSB], ids=lambda task: task.name)
def test_conforms(task):
    check_model(MAJORITY, task)
