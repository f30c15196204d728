"""The statistics of stored answers: as computed from the files by hand, and what is said where they cannot be."""

from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from harness.api.example import Prediction
from harness.api.task import Task
from harness.errors import UsageError
from harness.statistics.intervals import estimate
from harness.statistics.scores import Scores
from harness.store.run import Run
from reports.analysis.comparison import compare
from reports.analysis.head_to_head import HeadToHead, head_to_head
from reports.analysis.statistics import Analysis, analyse
from reports.evidence.results import read_evidence
from reports.formats.head_to_head import show
from tasks import glue
from tests.fakes.replaced import replace_predictions
from tests.fakes.synthetic import Plan, make_result, write_run

TASKS = {task.name: task for task in (glue.COLA, glue.MRPC, glue.STSB, glue.MNLI)}
PLAN = Plan(tasks=("cola", "mrpc", "stsb", "mnli"), models=("low", "mid", "top"), num_seeds=3, num_questions=200)


def analysis_of(*runs: Run, tasks: dict[str, Task] = TASKS) -> Analysis:
    (evidence,) = read_evidence(runs)
    return analyse(evidence, compare(evidence), tasks)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("runs") / "first", PLAN)


@pytest.fixture(scope="module")
def analysis(run: Run) -> Analysis:
    return analysis_of(run)


def test_every_score_has_an_interval_around_it(run: Run, analysis: Analysis) -> None:
    assert not analysis.reasons
    for task in PLAN.tasks:
        for model in PLAN.models:
            stored = [result.score for result in run.results() if (result.task, result.model.name) == (task, model)]
            found = analysis.scores[task, model]
            assert found.value == pytest.approx(np.mean(stored))
            assert found.low < found.value < found.high
            assert found.num_seeds == 3
    assert set(analysis.metric_values) >= {
        ("mrpc", "top", "validation", "f1"),
        ("stsb", "low", "validation", "spearman"),
    }
    assert analysis.metric_values["mnli", "top", "validation_mismatched", "accuracy"].num_seeds == 3


def test_the_mean_is_that_of_the_table(run: Run, analysis: Analysis) -> None:
    (evidence,) = read_evidence([run])
    for row in compare(evidence).rows:
        assert analysis.means[row.model].value == pytest.approx(row.mean.mean)


def test_clear_differences_are_found_and_places_follow(analysis: Analysis) -> None:
    assert [(s.label, s.first, s.last) for s in analysis.standings.values()] == [
        ("top", 1, 1), ("mid", 2, 2), ("low", 3, 3),
    ]  # fmt: skip
    assert analysis.groups == (("top",), ("mid",), ("low",))
    test = analysis.test("mnli", "top", "low")
    assert test is not None
    assert test.differs
    assert test.low > 0
    assert test.mcnemar_p is not None
    turned = analysis.test("mnli", "low", "top")
    assert turned is not None
    assert (turned.difference, turned.low, turned.high) == (-test.difference, -test.high, -test.low)
    assert analysis.test("stsb", "top", "low").mcnemar_p is None  # type: ignore[union-attr]
    assert analysis.test("mnli", "top", "nobody") is None


def test_probabilities_are_judged(analysis: Analysis) -> None:
    assert set(analysis.calibration) == {(task, model) for task in ("cola", "mrpc", "mnli") for model in PLAN.models}
    found = analysis.calibration["cola", "top"]
    assert 0 < found.error < 1
    assert sum(bin_.count for bin_ in found.bins) == 3 * 200


def test_a_run_of_old_has_no_intervals_and_says_why(tmp_path: Path) -> None:
    found = analysis_of(write_run(tmp_path / "old", replace(PLAN, num_questions=0)))
    assert not found.scores
    assert not found.standings
    assert found.reasons[0] == (
        "CoLA: no intervals and no examples, as no run holds its examples (made by an earlier version?)."
    )


def test_a_task_that_is_not_known_here_is_said(run: Run) -> None:
    found = analysis_of(run, tasks={**TASKS, "cola": replace(glue.COLA, version=99)} | {"mrpc": glue.MRPC})
    assert "CoLA: no intervals and no tests: its results are from another version of the task." in found.reasons
    assert not found.means
    without = {name: task for name, task in TASKS.items() if name != "cola"}
    (gap,) = analysis_of(run, tasks=without).reasons
    assert gap.endswith("how it is scored is not known here; name its file with --plugin.")


def corrupted(tmp_path: Path, answers: Sequence[Prediction] | None) -> Analysis:
    """Return the analysis of a run of which one trial's answers were replaced, or removed."""
    run = write_run(tmp_path / "run", replace(PLAN, tasks=("cola",), models=("low", "top")))
    result = run.result(make_result(PLAN, "cola", "top", 1).key.replace("--2--", "--1--"))
    if answers is None:
        run.predictions_path(result.key, "validation").unlink()
    else:
        names = run.predictions(result, "validation")
        replace_predictions(run, result, "validation", dict(zip(names, answers, strict=False)))
    return analysis_of(run)


def test_answers_that_are_gone_leave_a_trial_out(tmp_path: Path) -> None:
    found = corrupted(tmp_path, None)
    assert found.scores["cola", "top"].num_seeds == 2
    assert found.reasons[0].startswith("CoLA, top, seed 1: left out of intervals and tests: ")


def test_answers_that_do_not_give_the_stored_score_leave_a_trial_out(tmp_path: Path) -> None:
    found = corrupted(tmp_path, [Prediction(value=0, scores=(0.9, 0.1))] * 200)
    assert found.scores["cola", "top"].num_seeds == 2
    assert "as its answers score 0.0000 and its result says" in found.reasons[0]


def test_too_few_answers_leave_a_trial_out(tmp_path: Path) -> None:
    found = corrupted(tmp_path, [Prediction(value=0)] * 199)
    assert "199 predictions for the 200 examples of the validation split" in found.reasons[0]


def test_one_seed_has_the_chance_of_its_examples_alone(tmp_path: Path) -> None:
    found = analysis_of(write_run(tmp_path / "run", replace(PLAN, tasks=("mnli",), num_seeds=1)))
    share = found.scores["mnli", "mid"]
    error = 100 * (share.value / 100 * (1 - share.value / 100) / 400) ** 0.5
    assert share.high - share.low == pytest.approx(2 * 1.966 * error, rel=0.1)
    assert list(found.standings) == ["top", "mid", "low"]  # by the only task


def test_the_mean_is_over_the_seeds_that_have_all_tasks(tmp_path: Path) -> None:
    failed = [("cola", "top", 2)]
    run = write_run(tmp_path / "run", replace(PLAN, failed=failed))
    (evidence,) = read_evidence([run])
    (row,) = [row for row in compare(evidence).rows if row.model == "top"]
    found = analysis_of(run)
    assert found.means["top"].value == pytest.approx(row.mean.mean)
    assert found.means["top"].num_seeds == 2


# Two models against each other


def only(found: list[HeadToHead]) -> HeadToHead:
    (one,) = found
    return one


def shown(found: HeadToHead) -> str:
    text = StringIO()
    show([found], Console(file=text, width=200))
    return text.getvalue()


def test_two_models_of_one_run(run: Run) -> None:
    found = only(head_to_head([run], ("low", "top"), TASKS))
    assert (found.first, found.second) == ("low", "top")
    assert [line.task for line in found.lines] == [*PLAN.tasks, "mean"]
    assert all(line.test.difference < 0 and line.test.differs for line in found.lines)
    p_values = sorted(line.test.p_value for line in found.lines[:-1])
    assert min(line.test.p_holm for line in found.lines[:-1]) == pytest.approx(min(1.0, 4 * p_values[0]))
    assert "the second is significantly better" in shown(found)
    assert "ECE, first" in shown(found)
    assert shown(replace(found, lines=())).endswith(
        "Nothing to test: the two have no task with stored predictions in common.\n"
    )


def test_a_model_of_two_runs_against_itself(run: Run, tmp_path: Path) -> None:
    again = write_run(tmp_path / "again", PLAN)
    found = head_to_head([run, again], (), TASKS)
    assert [(one.first, one.second) for one in found] == [
        (f"{name} (first)", f"{name} (again)") for name in PLAN.models
    ]
    for line in found[1].lines:
        assert (line.test.difference, line.test.p_value) == (0.0, 1.0)
    across = only(head_to_head([run, again], ("low", "top"), TASKS))
    assert (across.first, across.second) == ("low (first)", "top (again)")


def test_the_only_models_of_two_runs(tmp_path: Path) -> None:
    plan = replace(PLAN, tasks=("cola",), num_seeds=1)
    runs = [write_run(tmp_path / name, replace(plan, models=(name,))) for name in ("a", "b")]
    found = only(head_to_head(runs, (), TASKS))
    assert (found.first, found.second) == ("a", "b")
    assert found.notes == ("One seed each: intervals and tests reflect evaluation sampling only, not seed variance.",)


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        ((), "compare: found 3 models (low, mid, top), expected two; name them with --model."),
        (("low",), "compare: found 1 models (low), expected two; name them with --model."),
        (("low", "tap"), "--model tap: no run has it; there are: low, mid, top. Did you mean top?"),
    ],
)
def test_what_cannot_be_compared(run: Run, names: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(UsageError) as error:
        head_to_head([run], names, TASKS)
    assert str(error.value) == complaint


def test_runs_about_other_questions_do_not_compare(run: Run, tmp_path: Path) -> None:
    other = write_run(tmp_path / "other", replace(PLAN, data="other rows"))
    with pytest.raises(UsageError, match="These runs do not compare"):
        head_to_head([run, other], (), TASKS)


def test_runs_without_a_model_in_common(run: Run, tmp_path: Path) -> None:
    other = write_run(tmp_path / "other", replace(PLAN, models=("x", "y")))
    with pytest.raises(UsageError, match="no model in common"):
        head_to_head([run, other], (), TASKS)


def test_a_seed_more_narrows_the_interval_of_a_restless_model() -> None:
    few, many = (
        Scores(seeds=np.array(seeds), resampled=np.zeros((len(seeds), 9)), num_examples=9, bounds=(-np.inf, np.inf))
        for seeds in ([60.0, 64.0], [60.0, 64.0, 61.0, 63.0])
    )
    assert np.ptp([estimate([many]).low, estimate([many]).high]) < np.ptp([estimate([few]).low, estimate([few]).high])
