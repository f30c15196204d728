from pathlib import Path
from typing import Any

import pytest

from harness.gate.reference import read_reference
from harness.store.naming import mean_name, mean_name_in_run, reason_without_mean
from harness.store.records import DataRecord
from tests.fakes.synthetic import Plan, make_info

TASKS = ("cola", "mrpc")


def made(**settings: Any) -> DataRecord:
    known: dict[str, Any] = {"kind": "hub", "limit_train": None, "limit_evaluation": None, "missing_splits": []}
    return DataRecord(**{**known, "note": "", "fingerprint": "", "num_examples": {}, **settings})


WHOLE = {"cola": [made(), made(kind="folder")], "mrpc": [made()]}


@pytest.mark.parametrize(
    ("score_name", "data", "name"),
    [
        ("GLUE score", WHOLE, "GLUE score"),
        ("", WHOLE, "mean of 2 tasks"),
        ("GLUE score", {"cola": [made()]}, "mean of 1 task"),
        ("GLUE score", {**WHOLE, "rte": [made()]}, "mean of 3 tasks"),
        ("GLUE score", {}, "mean of 0 tasks"),
        ("GLUE score", {**WHOLE, "mrpc": [made(), made(kind="sample")]}, "mean of 2 tasks"),
        ("GLUE score", {**WHOLE, "mrpc": [made(limit_train=100)]}, "mean of 2 tasks"),
        ("GLUE score", {**WHOLE, "mrpc": [made(limit_evaluation=0)]}, "mean of 2 tasks"),
        ("GLUE score", {**WHOLE, "mrpc": [made(missing_splits=["validation"])]}, "mean of 2 tasks"),
    ],
)
def test_a_suites_name_is_for_all_of_it_whole_and_real(
    score_name: str, data: dict[str, list[DataRecord]], name: str
) -> None:
    assert mean_name(score_name, TASKS, data) == name


@pytest.mark.parametrize(
    ("suite_tasks", "tasks", "name"),
    [
        (["mrpc", "cola"], ["cola", "mrpc", "rte"], "GLUE score"),
        (["cola", "mrpc", "rte"], ["cola", "mrpc"], "mean of 2 tasks"),
        ([], ["cola", "mrpc"], "GLUE score"),
        ([], ["cola", "mrpc", "rte"], "mean of 2 tasks"),
    ],
)
def test_a_run_names_its_suites_tasks_or_has_all_of_them(suite_tasks: list[str], tasks: list[str], name: str) -> None:
    info = make_info(Plan()).model_copy(update={"suite_tasks": suite_tasks, "tasks": tasks})
    assert mean_name_in_run(info, WHOLE) == name


def test_the_projects_own_reference_names_its_mean_by_the_rule() -> None:
    reference = read_reference(Path(__file__).parents[3] / "baselines" / "reference" / "ci.json")
    data = {record.task: [record.data] for record in reference.pairs}
    assert reference.score_name == mean_name("GLUE score (validation)", reference.tasks, data) == "mean of 9 tasks"


def test_scores_under_different_limits_have_no_mean() -> None:
    assert reason_without_mean(WHOLE) == ""
    assert reason_without_mean({}) == ""
    assert reason_without_mean({"cola": [made(limit_train=9)], "mrpc": [made(limit_train=9)]}) == ""
    assert reason_without_mean({"cola": [made()], "mrpc": [made(limit_evaluation=200)]}) == (
        "No mean over tasks is made, as their limits differ: cola whole; "
        "mrpc limited to all training / 200 evaluation examples."
    )
    assert reason_without_mean({"cola": [made(limit_train=1)], "mrpc": [made(limit_train=2)]})
