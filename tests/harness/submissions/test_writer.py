"""From a made-up run to the official files, and back: what is scored there is what the run had."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.api.example import Example, Prediction
from harness.api.task import Task
from harness.data.source import Source
from harness.errors import HarnessError, RunError, SubmissionError, UsageError
from harness.store.predictions import SplitPredictions
from harness.store.run import Run
from harness.submissions import writer
from harness.submissions.archive import read_archive
from harness.submissions.scoring import score_submission
from harness.submissions.sides import Side
from harness.submissions.single import read_file
from harness.submissions.suite import read_zip
from harness.submissions.writer import Written, seed_results, submit_suite, submit_task
from tests.fakes.mini_suite import FILES, LABELS, NUMBERS, PAIRS, QUESTIONS, TASKS, write_data, write_run
from tests.fakes.replaced import replace_predictions

EVERYTHING = (*TASKS, QUESTIONS)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, source: Source) -> Run:
    return write_run(tmp_path_factory.mktemp("runs") / "run", source, tasks=EVERYTHING)


def submit(
    run: Run, out: Path, side: Side = "test", *, model: str = "mini", seed: int | None = None, partial: bool = False
) -> Written:
    return submit_suite(seed_results(run, model, TASKS, seed), TASKS, out, side, partial=partial)


def replace_answer(run: Run, task: Task, split: str, value: object, scores: tuple[float, ...] = ()) -> None:
    """Put another first answer into the result of the model ``mini`` with seed 0."""
    result = next(r for r in run.results() if (r.task, r.model.name, r.seed) == (task.name, "mini", 0))
    answers = {**run.predictions(result, split)}
    answers[next(iter(answers))] = Prediction(value=value, scores=scores)
    replace_predictions(run, result, split, answers)


@pytest.mark.parametrize(("model", "seed"), [("bag", 0), ("mini", 1)])
def test_a_validation_submission_scores_what_the_run_scored(
    run: Run, source: Source, tmp_path: Path, model: str, seed: int
) -> None:
    out = tmp_path / "mini.zip"
    written = submit(run, out, "validation", model=model, seed=seed)
    assert written.paths == (out,)
    assert written.num_predictions == {"Labels.tsv": 6, "Numbers.tsv": 5, "Near.tsv": 4, "Far.tsv": 7, "AX.tsv": 5}
    found = read_zip(out, TASKS, source)
    results = {r.task: r for r in run.results() if (r.model.name, r.seed) == (model, seed)}
    scored = score_submission(found, TASKS, source)
    assert {one.task.name: one.score for one in scored} == {task.name: results[task.name].score for task in TASKS}
    assert {one.task.name: one.scores for one in scored} == {task.name: results[task.name].scores for task in TASKS}
    for read in found.files.values():
        stored = run.predictions(results[read.task], read.split)
        assert [p.value for p in read.predictions] == [p.value for p in stored.values()]
        assert [example.id for example in read.examples] == list(stored)


def test_a_submission_answers_the_test_splits_and_is_always_the_same(run: Run, source: Source, tmp_path: Path) -> None:
    one, other = tmp_path / "one.zip", tmp_path / "other.zip"
    written = [submit(run, out) for out in (one, other)]
    assert written[0].num_predictions == {"Labels.tsv": 4, "Numbers.tsv": 5, "Near.tsv": 3, "Far.tsv": 8, "AX.tsv": 5}
    assert one.read_bytes() == other.read_bytes()
    assert read_zip(one, TASKS, source).side == "test"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.zip", "other.zip"]


def test_tables_look_as_the_site_asks(run: Run, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", write_data(tmp_path))
    for value, split in ((-0.25, "test"), (4.0625, "validation")):
        replace_answer(run, NUMBERS, split, value)
    submit(run, tmp_path / "mini.zip", model="mini", seed=0)
    files = read_archive(tmp_path / "mini.zip", FILES)
    assert list(files) == list(FILES)
    assert files["Numbers.tsv"].startswith(b"index\tprediction\n0\t0.000\n1\t")
    assert [line.split(b"\t")[0] for line in files["AX.tsv"].splitlines()] == [b"index", b"0", b"1", b"2", b"3", b"4"]
    assert set(files["AX.tsv"].split()[3::2]) <= {b"entailment", b"neutral", b"contradiction"}
    assert set(files["Labels.tsv"].split()[3::2]) <= {b"0", b"1"}
    submit(run, tmp_path / "mini.zip", "validation", seed=0)
    assert b"\n0\t4.062\n" in read_archive(tmp_path / "mini.zip", FILES)["Numbers.tsv"]


def test_what_a_person_should_know_is_said(run: Run, source: Source, tmp_path: Path) -> None:
    rounded = "Numbers.tsv: numbers are rounded to 3 places, so its figures may differ from the run's own."
    assert submit(run, tmp_path / "mini.zip").notes == (
        "of the seeds 0, 1 the lowest was taken; --seed names another.",
        rounded,
    )
    assert submit(run, tmp_path / "mini.zip", seed=1).notes == (rounded,)
    sample = write_run(tmp_path / "sample", source, seeds=(0,), kind="sample")
    replace_answer(sample, NUMBERS, "test", 5.2)
    assert submit(sample, tmp_path / "mini.zip").notes == (
        "these are predictions for the generated sample, not to the real benchmark.",
        "Numbers.tsv: numbers are rounded to 3 places, and 1 of 5 brought into 0 to 5, "
        "so its figures may differ from the run's own.",
    )


def test_the_newest_result_counts(source: Source, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", source, seeds=(0,))
    old = next(r for r in run.results() if (r.task, r.model.name) == ("labels", "bag"))
    newer = old.model_copy(update={"key": "a-newer-one", "created": "2026-01-01T00:00:00+00:00"})
    examples = [Example(id=name, text="") for name in "0123"]
    predictions = [Prediction(value=value) for value in (1, 1, 0, 1)]
    run.save(newer, [SplitPredictions(task="labels", split="test", examples=examples, predictions=predictions)])
    submit(run, tmp_path / "mini.zip", model="bag")
    table = read_archive(tmp_path / "mini.zip", FILES)["Labels.tsv"]
    assert table == b"index\tprediction\n0\t1\n1\t1\n2\t0\n3\t1\n"


def test_what_the_run_cannot_fill_is_left_out_if_that_is_said(source: Source, tmp_path: Path) -> None:
    run, out = write_run(tmp_path / "run", source, tasks=(LABELS, PAIRS)), tmp_path / "mini.zip"
    with pytest.raises(RunError, match=r"1 of 5 files cannot be made: Numbers.tsv \(no result\)\. --partial leaves"):
        submit(run, out)
    assert not out.exists()
    written = submit(run, out, partial=True)
    assert list(written.num_predictions) == ["Labels.tsv", "Near.tsv", "Far.tsv", "AX.tsv"]
    assert written.notes[-1] == "left out: Numbers.tsv (no result); the site wants all files."
    assert read_zip(out, TASKS, source, partial=True).absent == ("Numbers.tsv",)


@pytest.mark.parametrize(
    ("task", "side"), [(LABELS, "validation"), (LABELS, "test"), (NUMBERS, "validation"), (QUESTIONS, "test")]
)
def test_one_task_is_one_file(run: Run, source: Source, tmp_path: Path, task: Task, side: Side) -> None:
    stored = seed_results(run, "mini", [task], 1)
    written = submit_task(stored, task, tmp_path / "answers", side)
    doubts = written.paths[1] if len(written.paths) > 1 else None
    assert (doubts is not None) == (task is QUESTIONS)
    if side == "test" and task is LABELS:
        with pytest.raises(SubmissionError, match="found 4 rows, those of the test split, which has no labels"):
            read_file(task, written.paths[0], source)
        return
    (found,) = score_submission(read_file(task, written.paths[0], source, na_probabilities=doubts), [task], source)
    assert found.score == stored.results[task.name].score
    assert found.scores == stored.results[task.name].scores


def test_a_model_that_does_not_say_how_sure_it_is(source: Source, tmp_path: Path) -> None:
    run, out = write_run(tmp_path / "run", source, tasks=(QUESTIONS,)), tmp_path / "predictions.json"
    stored = seed_results(run, "mini", [QUESTIONS], 0)
    assert submit_task(stored, QUESTIONS, out, "test").paths == (out, tmp_path / "na_prob.json")
    replace_answer(run, QUESTIONS, "validation", 'the "café"')
    stored = seed_results(run, "mini", [QUESTIONS], 0)
    with pytest.raises(UsageError, match=r"beside it lies a na_prob.json of other predictions; remove it first\.$"):
        submit_task(stored, QUESTIONS, out, "test")
    (tmp_path / "na_prob.json").unlink()
    written = submit_task(stored, QUESTIONS, out, "test")
    assert written.paths == (out,)
    assert written.notes == ("the model does not say how sure it is, so there is no na_prob.json.",)
    assert json.loads(out.read_text("ascii"))["q0"] == 'the "café"'


REFUSED: dict[str, tuple[Callable[[Run, Path], object], str]] = {
    "no such model": (
        lambda run, out: submit(run, out, model="minni"),
        "{run}: no results of a model 'minni'; there are those of: bag, mini. Did you mean mini?",
    ),
    "no such seed": (lambda run, out: submit(run, out, seed=7), "--seed 7: mini has results with seed 0, 1."),
    "not these tasks": (
        lambda run, _: seed_results(run, "mini", [NUMBERS]),
        "{run}: mini has no results on numbers.",
    ),
    "a split that was not answered": (
        lambda run, out: submit(run, out, seed=0),
        "{run}, mini, seed 0: 4 of 5 files cannot be made: Numbers.tsv (no result), Near.tsv (no near_test split in "
        "the data), Far.tsv (limited to 6 examples), AX.tsv (no ax split in the data). "
        "--partial leaves them out, but the site wants all.",
    ),
    "nothing to fill": (
        lambda run, out: submit_suite(seed_results(run, "mini", [PAIRS], 0), [PAIRS], out, "test", partial=True),
        "{run}, mini, seed 0: 3 of 3 files cannot be made: Near.tsv (no near_test split in the data), Far.tsv (limited "
        "to 6 examples), AX.tsv (no ax split in the data).",
    ),
    "one file of a limited task": (
        lambda run, out: submit_task(
            seed_results(run, "mini", [LABELS], 0), LABELS, out.with_suffix(".tsv"), "validation"
        ),
        "{run}, mini, seed 0: answers.tsv cannot be made: limited to 6 examples.",
    ),
    "several files": (
        lambda run, out: submit_task(seed_results(run, "mini", [PAIRS], 0), PAIRS, out, "test"),
        "task 'pairs' has its predictions in Near.tsv, Far.tsv, AX.tsv: leave out --task and write a suite's zip.",
    ),
    "a table called a zip": (
        lambda run, out: submit_task(seed_results(run, "mini", [LABELS], 0), LABELS, out, "test"),
        "--out {out}: with --task the predictions are a single file; for a suite's .zip leave it out.",
    ),
    "a zip called a table": (
        lambda run, out: submit(run, out.with_suffix(".tsv"), partial=True),
        "--out {tsv}: a suite's predictions are a .zip; for the file of one task give --task.",
    ),
    "a folder": (
        lambda run, out: (out.mkdir(), submit(run, out, partial=True)),
        "--out {out}: is a folder; expected the name of a file.",
    ),
    "below a file": (
        lambda run, _: submit(run, run.info_path / "mini.zip", partial=True),
        "--out {run}/run.json/mini.zip: cannot be written: File exists.",
    ),
}


@pytest.mark.parametrize(("call", "complaint"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused(tmp_path: Path, call: Callable[[Run, Path], object], complaint: str) -> None:
    source = write_data(tmp_path)
    (tmp_path / "pairs-ax.json").unlink()
    (tmp_path / "pairs-near_test.json").unlink()
    run = write_run(tmp_path / "run", source, tasks=(LABELS, PAIRS), limit_evaluation=6)
    out = tmp_path / "answers.zip"
    with pytest.raises(HarnessError) as error:
        call(run, out)
    assert str(error.value) == complaint.format(run=run.folder, out=out, tsv=out.with_suffix(".tsv"))
    assert not out.is_file()


@pytest.mark.parametrize(
    ("task", "value", "complaint"),
    [
        (LABELS, 2, "Labels.tsv, prediction 0: found 2, expected a label, 0 to 1."),
        (LABELS, -1, "Labels.tsv, prediction 0: found -1, expected a label, 0 to 1."),
        (NUMBERS, float("nan"), "Numbers.tsv, prediction 0: found nan, expected a finite number."),
    ],
)
def test_answers_that_are_none_are_not_written(
    source: Source, tmp_path: Path, task: Task, value: float, complaint: str
) -> None:
    run, out = write_run(tmp_path / "run", source), tmp_path / "mini.zip"
    replace_answer(run, task, "test", value)
    with pytest.raises(SubmissionError) as error:
        submit(run, out, seed=0)
    assert str(error.value) == f"{run.folder}, mini, seed 0, {complaint}"
    assert not out.exists()


def test_predictions_that_are_cut_short_are_refused(source: Source, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", source, seeds=(0,))
    result = next(r for r in run.results() if (r.task, r.model.name) == ("labels", "mini"))
    replace_predictions(run, result, "test", {"0": Prediction(value=1)})
    with pytest.raises(RunError, match=r"found 1 predictions for the test split, expected 4\.$"):
        submit(run, tmp_path / "mini.zip")


def test_a_file_that_reads_otherwise_is_not_put_into_place(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "mini.zip"
    out.write_bytes(b"an older one")
    monkeypatch.setattr(writer, "encode_table", lambda *_: b"index\tprediction\n0\t1\n")
    with pytest.raises(SubmissionError, match="found 1 of 4 rows"):
        submit(run, out)
    assert out.read_bytes() == b"an older one"
    assert list(tmp_path.iterdir()) == [out]


@settings(max_examples=20)
@given(answers=st.dictionaries(st.text(min_size=1), st.tuples(st.text(), st.floats(0, 1)), min_size=1))
def test_any_answers_come_back(tmp_path_factory: pytest.TempPathFactory, answers: dict[str, tuple[str, float]]) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    paths = [folder / "predictions.json", folder / "na_prob.json"]
    given_ = {name: Prediction(value=value, scores=(doubt,)) for name, (value, doubt) in answers.items()}
    writer._write_objects(paths, given_, "here")  # compares what it reads with what it was given
    assert json.loads(paths[0].read_text("ascii")) == {name: value for name, (value, _) in answers.items()}
    assert list(json.loads(paths[1].read_text("ascii"))) == list(answers)
