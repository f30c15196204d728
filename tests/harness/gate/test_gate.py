"""A run against a reference: verdicts from stored files, a file as good as a folder, and what is refused."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.api.output import Classification
from harness.errors import GateError, HarnessError, UsageError
from harness.gate.gate import Options, gate, gate_sides, make_reference
from harness.gate.reference import read_reference, write_reference
from harness.gate.side import open_side, side_of_run
from harness.gate.verdicts import FAILED, PASSED, REFUSED, Verdict
from harness.store.records import Result
from harness.store.run import Run
from tasks import glue
from tests.fakes.gate import PLAN, TASKS, WORSE, edit, finding, judged
from tests.fakes.replaced import replace_predictions
from tests.fakes.synthetic import make_failure, write_run

KINDS = replace(PLAN, tasks=("cola", "stsb", "mnli", "squad"), num_questions=50)
"""Every kind of answer, and a task of two splits."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("runs") / "before", PLAN)


@pytest.fixture
def copied(run: Run, tmp_path: Path) -> Run:
    """Give the same run, to be altered."""
    return Run(Path(shutil.copytree(run.folder, tmp_path / "after")))


def test_a_run_is_not_worse_than_itself(run: Run) -> None:
    report = judged(run, run.folder, margin=0.0)
    assert {f.verdict for f in report.findings if f.metric == "quality"} == {Verdict.NOT_WORSE}
    assert [(f.model, f.task) for f in report.findings if f.metric == "quality"] == [
        (model, task) for model in PLAN.models for task in (*PLAN.tasks, None)
    ]
    assert report.exit_code == PASSED


def test_what_got_worse_is_named(run: Run, tmp_path: Path) -> None:
    report = judged(write_run(tmp_path / "after", WORSE), run.folder)
    assert {(f.model, f.task) for f in report.having(Verdict.WORSE) if f.metric == "quality"} == {
        ("good", task) for task in (*PLAN.tasks, None)
    }
    assert finding(report, None, "floor").verdict is Verdict.NOT_WORSE
    assert report.exit_code == FAILED
    assert any("changed in width (128 to 64)" in note for note in report.notes)


def test_a_reference_file_is_as_good_as_the_folder(tmp_path: Path) -> None:
    before = write_run(tmp_path / "before", KINDS)
    after = write_run(tmp_path / "after", replace(KINDS, models=("good", "floor")))
    write_reference(tmp_path / "reference.json", make_reference(before, (), (), TASKS))
    from_file, from_folder = (judged(after, tmp_path / name) for name in ("reference.json", "before"))
    assert from_file.findings == from_folder.findings
    assert from_file.notes == from_folder.notes
    assert not from_file.having(Verdict.INCOMPARABLE)
    assert finding(from_file, "squad", "good").verdict is Verdict.WORSE
    assert finding(from_file, "mnli", "good").verdict is Verdict.WORSE


def test_a_reference_file_is_the_same_each_time_and_has_no_text(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_reference(tmp_path / name, make_reference(run, (), (), TASKS))
    text = (tmp_path / "one").read_text()
    assert text == (tmp_path / "two").read_text()
    assert read_reference(tmp_path / "one") == side_of_run(run, TASKS).reference
    assert not [word for word in ("quick", "weather", "ancient", "rivers", "hacked") if word in text]
    assert max(map(len, text.splitlines())) < 2000
    assert all(line.count(",") == 1 or "[" in line for line in text.splitlines() if line.endswith(","))


def test_only_what_is_asked_for_is_judged(run: Run) -> None:
    report = judged(run, run.folder, models=("good",), tasks=("cola",), quality_only=True)
    assert [(f.model, f.task) for f in report.findings] == [("good", "cola")]
    made = make_reference(run, ("floor",), ("cola", "mrpc"), TASKS)
    assert [record.pair for record in made.pairs] == [("cola", "floor"), ("mrpc", "floor")]
    with pytest.raises(UsageError, match=r"--model god: .* has none; it has: floor, good. Did you mean good\?"):
        judged(run, run.folder, models=("god",))


def test_a_side_can_be_narrowed_to_pairs_and_seeds(run: Run) -> None:
    whole = side_of_run(run, TASKS)
    assert len(whole.reference.by_pair) == 6
    side = whole.keeping({("cola", "good"): {1, 2}, ("cola", "floor"): {7}})
    assert [(record.pair, [seed.seed for seed in record.seeds]) for record in side.reference.pairs] == [
        (("cola", "good"), [1, 2])
    ]
    (found,) = gate_sides(side, whole, Options(quality_only=True), TASKS).findings
    assert found.num_seeds == (2, 3)


# What cannot be compared


def data_with(**changes: Any) -> Callable[[Result], Result]:
    return lambda result: result.model_copy(update={"data": result.data.model_copy(update=changes)})


def changed(**changes: Any) -> Callable[[Result], Result]:
    return lambda result: result.model_copy(update=changes)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (data_with(fingerprint="others"), "The data differ"),
        (data_with(kind="hub"), "The data differ"),
        (data_with(limit_evaluation=50), "does not hold its questions"),
        (changed(task_version=2), "made with version 2 of the task, which is 1 here."),
        (changed(output=Classification(labels=("n", "y"))), "The output differs"),
        (data_with(num_examples={"train": 1000, "validation": 119}), "The scored examples differ: validation 120 in"),
        (changed(score=12.5), "and its result says 12.5000."),
    ],
)
def test_other_data_other_settings_other_scores(
    run: Run, copied: Run, change: Callable[[Result], Result], reason: str
) -> None:
    def only_cola(result: Result) -> Result:
        return change(result) if result.task == "cola" else result

    edit(copied, only_cola)
    if reason.startswith("The data differ"):
        shutil.copytree(copied.folder / "examples", copied.folder / "kept")
        result = next(result for result in copied.results() if result.task == "cola")
        old = next(result for result in run.results() if result.task == "cola")
        to = copied.examples_path(result, "validation")
        if not to.is_file():
            to.parent.mkdir(parents=True)
            shutil.copy(copied.examples_path(old, "validation"), to)
    report = judged(copied, run.folder, quality_only=True)
    for model in PLAN.models:
        found = finding(report, "cola", model)
        assert found.verdict is Verdict.INCOMPARABLE
        assert reason in found.reason
    assert finding(report, None, "good").verdict is Verdict.NOT_WORSE  # of the other two
    assert report.exit_code == REFUSED


def test_another_limit_on_evaluation(run: Run, tmp_path: Path) -> None:
    other = write_run(tmp_path / "after", replace(PLAN, limits=(None, 120)))
    report = judged(other, run.folder)
    assert "The limit on evaluation differs: all examples in the reference, 120 in the run." in {
        found.reason for found in report.findings
    }
    assert {found.verdict for found in report.findings} == {Verdict.INCOMPARABLE}


def test_another_limit_on_training_is_what_is_gated(run: Run, tmp_path: Path) -> None:
    report = judged(write_run(tmp_path / "after", replace(PLAN, limits=(60, None))), run.folder, quality_only=True)
    assert not report.having(Verdict.INCOMPARABLE)
    assert any(note.endswith("changed in training rows (all to 60).") for note in report.notes)


def test_a_pair_that_is_not_there(run: Run, tmp_path: Path) -> None:
    plan = replace(PLAN, skipped=[("mrpc", "good")], unsupported=[("stsb", "good")])
    report = judged(write_run(tmp_path / "after", plan), run.folder)
    missing, unsupported = finding(report, "mrpc", "good"), finding(report, "stsb", "good")
    assert missing.reason == "The run lacks it: it was not asked to answer this pair, or is not done."
    assert unsupported.reason == "The run lacks it: the model has no such kind of answer."
    assert report.exit_code == REFUSED


def test_a_seed_that_failed_is_no_silent_pass(run: Run, copied: Run) -> None:
    copied.save_failure(make_failure("cola", "good", 5))
    found = finding(judged(copied, run.folder), "cola", "good")
    assert found.verdict is Verdict.INCOMPARABLE
    assert "seed 5 failed: TrainingError: the loss is <nan>" in found.reason


def test_a_new_pair_is_noted_and_does_not_refuse(run: Run, tmp_path: Path) -> None:
    before = write_run(tmp_path / "before", replace(PLAN, skipped=[("cola", "good")]))
    report = judged(run, before.folder, quality_only=True)
    assert report.exit_code == PASSED
    assert any(note.startswith("cola × good: new, without a reference;") for note in report.notes)


def test_nothing_in_common_is_refused(run: Run, tmp_path: Path) -> None:
    report = judged(write_run(tmp_path / "after", replace(PLAN, models=("x", "y"))), run.folder)
    assert {found.verdict for found in report.findings} == {Verdict.INCOMPARABLE}
    assert report.exit_code == REFUSED


def test_a_run_of_old_is_said_to_be(run: Run, tmp_path: Path) -> None:
    report = judged(write_run(tmp_path / "old", replace(PLAN, num_questions=0)), run.folder)
    assert {found.verdict for found in report.findings} == {Verdict.INCOMPARABLE}
    assert (
        "the run does not hold its questions (made by an earlier version?); run it again." in report.findings[0].reason
    )


def test_answers_that_were_lost(run: Run, copied: Run) -> None:
    result = next(result for result in copied.results() if (result.task, result.model.name) == ("cola", "good"))
    kept = list(copied.predictions(result, "validation").items())[:-1]
    replace_predictions(copied, result, "validation", dict(kept))
    found = finding(judged(copied, run.folder), "cola", "good")
    assert "119 predictions for the 120 examples of the validation split" in found.reason


def test_a_task_that_nobody_knows_here(run: Run) -> None:
    known = {"cola": glue.COLA}
    report = gate(run, run.folder, Options(quality_only=True), known)
    reason = finding(report, "mrpc", "good").reason
    assert reason.endswith("how it is scored is not known here; name its file with --plugin.")
    assert finding(report, "cola", "good").verdict is Verdict.NOT_WORSE
    with pytest.raises(GateError, match="Mend it, or leave it out with --task and --model"):
        make_reference(run, (), (), known)


def test_seeds_of_an_earlier_recipe_are_left_out(run: Run, copied: Run) -> None:
    def change(result: Result) -> Result:
        if (result.task, result.model.name) != ("cola", "good") or result.seed == 2:
            return result
        recipe = {**(result.model.recipe or {}), "epochs": 4.0}
        later = result.created.replace("2025", "2026")
        return result.model_copy(update={"model": result.model.model_copy(update={"recipe": recipe}), "created": later})

    report = judged(edit(copied, change), run.folder, quality_only=True)
    assert finding(report, "cola", "good").num_seeds == (3, 2)
    assert "Run: cola × good: results of other data, settings or content of the model are left out: 1." in report.notes
    assert "cola × good: changed in epochs (3.0 to 4.0)." in report.notes


def test_scores_that_are_not_numbers(run: Run, copied: Run) -> None:
    edit(copied, changed(score=float("nan")))
    with pytest.raises(GateError, match="its score is nan; expected a finite number"):
        judged(copied, run.folder)


def test_an_empty_run(run: Run, tmp_path: Path) -> None:
    empty = Run(tmp_path / "empty")
    empty.save_info(run.info())
    for arguments in ((empty, run.folder), (run, empty.folder)):
        with pytest.raises(GateError, match="holds no results"):
            judged(*arguments)


def test_neither_a_folder_nor_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("nowhere", "folder"):
        with pytest.raises(HarnessError):
            open_side(tmp_path / name, TASKS)


def test_no_mean_is_judged_over_different_limits(tmp_path: Path) -> None:
    sides = []
    for name in ("before", "after"):
        run = write_run(tmp_path / name, replace(PLAN, tasks=("cola",)))
        part = write_run(tmp_path / f"part of {name}", replace(PLAN, tasks=("mrpc",), limits=(100, None)))
        for folder in ("trials", "examples"):
            shutil.copytree(part.folder / folder, run.folder / folder, dirs_exist_ok=True)
        sides.append(run)
    report = judged(sides[1], sides[0].folder, quality_only=True)
    assert {finding.task for finding in report.findings} == {"cola", "mrpc"}
    assert any("good: No mean over tasks is made, as their limits differ" in note for note in report.notes)
