"""Runs and submissions on one leaderboard, as their user meets it, on the small suite."""

import csv
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.api.task import Suite
from harness.cli import app
from harness.data.source import Source
from harness.store.run import Run
from harness.submissions.archive import read_archive, write_archive
from harness.submissions.board import enter
from harness.submissions.entry import Asked
from harness.submissions.writer import seed_results, submit_suite, submit_task
from reports.analysis.comparison import compare
from reports.analysis.statistics import Analysis, analyse
from reports.evidence.banners import warnings
from reports.evidence.results import Evidence, read_evidence
from tests.fakes import mini_suite
from tests.fakes.mini_suite import MINI, QUESTIONS, TASKS, write_data, write_run

EVERYTHING = (*TASKS, QUESTIONS)
SUITE = ("--suite", "mini", "--plugin", str(mini_suite.__file__))


Call = Callable[..., SimpleNamespace]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Give a function that makes a leaderboard in ``board``, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str | Path) -> SimpleNamespace:
        command = ["harness", "leaderboard", *map(str, arguments), "--out", "board", *SUITE]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as end:
            app.main()
        output, errors = capsys.readouterr()
        return SimpleNamespace(code=end.value.code or 0, output=output, errors=errors)

    return call


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, source: Source) -> tuple[Run, Run]:
    """Two runs of one seed, of the models ``bag`` and ``mini``."""
    folder = tmp_path_factory.mktemp("runs")
    return made(folder / "one", source, "bag"), made(folder / "two", source, "mini")


def made(folder: Path, source: Source, model: str, **data: Any) -> Run:
    run = write_run(folder, source, models=(model,), seeds=(0,), tasks=data.pop("tasks", TASKS), **data)
    run.save_info(run.info().model_copy(update={"source": str(source), "score_name": "Mini score"}))
    return run


def put(*paths: Path, suite: Suite | None = MINI, tasks: Any = TASKS, data: object = "auto") -> list[Run]:
    """Enter what stands at ``paths``, without the report on it."""
    asked = Asked(suite=suite, tasks=tasks, data=str(data), command="leaderboard")
    return enter(paths, paths[-1].parent / "board", asked)


def submit(run: Run, model: str, out: Path, *, side: Any = "validation", tasks: Any = TASKS) -> Path:
    submit_suite(seed_results(run, model, tasks), tasks, out, side, partial=True)
    return out


def analysed(*runs: Run) -> tuple[Evidence, Analysis]:
    (evidence,) = read_evidence(runs)
    return evidence, analyse(evidence, compare(evidence), {task.name: task for task in TASKS})


def entry(name: str = "theirs.zip") -> Run:
    return Run.open(Path("board/submissions") / name)


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(Path("board", name).read_text().splitlines()))


def states(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def test_a_models_own_submission_stands_beside_it_and_cannot_be_told_apart(
    call: Call, runs: tuple[Run, Run], tmp_path: Path
) -> None:
    file = submit(runs[1], "mini", tmp_path / "theirs.zip")
    done = call(*(run.folder for run in runs), file, "--json")
    assert (done.code, done.errors) == (0, "")
    own = {result.task: result for result in runs[1].results()}
    for shown in json.loads(done.output)["runs"][2]["results"]:
        assert (shown["scores"], shown["score"]) == (own[shown["task"]].scores, own[shown["task"]].score)
    evidence, analysis = analysed(*runs, entry())
    assert list(evidence.models) == ["bag", "mini", "theirs"]
    for task in (None, *evidence.tasks):
        test = analysis.test(task, "mini", "theirs")
        assert test is not None
        assert (test.difference, test.p_value, test.differs) == (0.0, 1.0, False)
    places = analysis.standings
    assert (places["mini"].first, places["mini"].last) == (places["theirs"].first, places["theirs"].last)
    assert analysis.reasons == ()


def test_what_a_submission_does_not_tell_is_blank(call: Call, runs: tuple[Run, Run], tmp_path: Path) -> None:
    call(runs[0].folder, submit(runs[1], "mini", tmp_path / "theirs.zip"))
    unknown = ("num_parameters", "fit_seconds", "peak_memory_bytes", "device", "num_threads")
    for name in ("results.csv", "costs.csv"):
        rows = table(name)
        theirs = [row for row in rows if row["model"] == "theirs"]
        assert theirs
        assert {row[column] for row in theirs for column in unknown} == {""}
        assert all(row["num_parameters"].isdigit() for row in rows if row["model"] == "bag")
    page, sha = Path("board/comparison.md").read_text(), entry().results()[0].submission.sha256
    assert f"theirs: a submission, theirs.zip (sha256 {sha[:12]}), entered on " in page
    assert "neither its training nor its cost" in page
    card = Path("board/exports/theirs/README.md").read_text()
    assert "parameters" not in card
    assert "trained on each task" not in card
    config = json.loads(next(Path("board/exports/theirs").glob("*.json")).read_text())["config"]
    assert config["model_num_parameters"] == "N/A"


def test_a_second_call_changes_nothing_and_a_changed_file_replaces_its_entry(
    call: Call, runs: tuple[Run, Run], tmp_path: Path
) -> None:
    file = submit(runs[1], "mini", tmp_path / "theirs.zip")
    call(runs[0].folder, file)
    before, first = states(Path("board")), {result.key for result in entry().results()}
    assert call(runs[0].folder, file).code == 0
    assert states(Path("board")) == before
    submit(runs[0], "bag", file)
    assert call(runs[0].folder, file).code == 0
    results = entry().results()
    assert [result.task for result in results] == [task.name for task in TASKS]
    assert not first & {result.key for result in results}
    assert [p.name for p in Path("board/submissions").iterdir()] == ["theirs.zip"]
    _, analysis = analysed(runs[0], entry())
    assert analysis.test(None, "bag", "theirs").difference == 0.0
    assert Path("board/comparison.md").read_text().count(results[0].submission.sha256[:12]) == 1


def test_a_refused_file_refuses_the_board(call: Call, runs: tuple[Run, Run], tmp_path: Path) -> None:
    good = submit(runs[1], "mini", tmp_path / "good.zip")
    bad = tmp_path / "bad.zip"
    bad.write_text("no zip")
    done = call(runs[0].folder, good, bad)
    assert (done.code, done.output) == (2, "")
    assert done.errors.startswith(f"error: {bad}: no zip file, or a broken one")
    assert not Path("board").exists()


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nowhere.zip", "nowhere.zip: no such file or folder; expected a run's folder, or a file of predictions."),
        (".", ".: not a run; expected a folder made by"),
        ("test.zip", "test.zip: found predictions for the test splits, which have no labels at hand; expected"),
        ("half.zip", "half.zip: found predictions for near alone, expected Far.tsv (far) with labels too."),
        ("other.zip", "other.zip: nothing to score. It holds no Labels.tsv, Near.tsv, Far.tsv, AX.tsv. Left out, as"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    call: Call, runs: tuple[Run, Run], source: Source, tmp_path: Path, name: str, complaint: str
) -> None:
    submit(runs[1], "mini", tmp_path / "test.zip", side="test")
    submit(runs[1], "mini", tmp_path / "other.zip", tasks=TASKS[1:2])
    tables = read_archive(submit(runs[1], "mini", tmp_path / "whole.zip"), mini_suite.FILES)
    write_archive(tmp_path / "half.zip", {"Near.tsv": tables["Near.tsv"]})
    few = made(tmp_path / "few", source, "bag", tasks=TASKS[:1])
    done = call(few.folder, name)
    assert (done.code, done.output) == (2, "")
    assert complaint in done.errors
    assert done.errors.count("\n") == 1
    assert not Path("board").exists()


def test_runs_on_different_data_need_to_be_told_the_labels(
    call: Call, runs: tuple[Run, Run], source: Source, tmp_path: Path
) -> None:
    shutil.copytree(source.root, tmp_path / "copy")
    other = made(tmp_path / "other", Source(kind="folder", root=tmp_path / "copy"), "mini")
    file = submit(runs[1], "mini", tmp_path / "theirs.zip")
    done = call(runs[0].folder, other.folder, file)
    assert done.code == 2
    assert "the runs come from different data (" in done.errors
    entered = put(runs[0].folder, other.folder, file, data=source.root)
    assert len(read_evidence(entered)) == 1, "the same rows, in two places"


def test_what_is_no_entry_is_not_replaced(call: Call, runs: tuple[Run, Run], tmp_path: Path) -> None:
    file = submit(runs[1], "mini", tmp_path / "theirs.zip")
    shutil.copytree(runs[0].folder, "board/submissions/theirs.zip")
    done = call(runs[0].folder, file)
    assert done.code == 2
    assert "theirs.zip: found something else than an entry; move it away, or give another --out." in done.errors
    assert len(entry().results()) == 3


def test_an_entry_is_written_whole_or_not_at_all(
    call: Call, runs: tuple[Run, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Run, "save_info", fail)
    done = call(runs[0].folder, submit(runs[1], "mini", tmp_path / "theirs.zip"))
    assert done.code == 2
    assert "theirs.zip: cannot be written: No space left on device." in done.errors
    assert not list(Path("board/submissions").iterdir())


def test_runs_without_examples_stand_without_intervals_unless_another_has_them(
    call: Call, runs: tuple[Run, Run], tmp_path: Path
) -> None:
    old = [Run(shutil.copytree(run.folder, tmp_path / f"old-{run.folder.name}")) for run in runs]
    for run in old:
        shutil.rmtree(run.folder / "examples")
    assert call(*(run.folder for run in old)).code == 0
    page = Path("board/comparison.md").read_text()
    assert "| bag |" in page
    assert "labels: no intervals and no examples, as no run holds its examples" in page
    assert call(*(run.folder for run in old), submit(runs[1], "mini", tmp_path / "theirs.zip")).code == 0
    _, analysis = analysed(*old, entry())
    assert set(analysis.means) == {"bag", "mini", "theirs"}
    assert "no intervals" not in Path("board/comparison.md").read_text()


def test_a_limit_on_evaluation_holds_for_submissions_too(source: Source, tmp_path: Path) -> None:
    whole, limited = made(tmp_path / "whole", source, "mini"), made(tmp_path / "few", source, "bag", limit_evaluation=3)
    _, theirs = put(limited.folder, submit(whole, "mini", tmp_path / "theirs.zip"))
    result = theirs.results()[0]
    assert (result.data.limit_evaluation, result.data.num_examples) == (3, {"validation": 3})
    evidence, analysis = analysed(limited, theirs)
    assert list(evidence.models) == ["bag", "theirs"]
    assert analysis.test(None, "bag", "theirs") is not None


def test_a_submission_stands_beside_runs_of_any_limit_on_training(
    call: Call, runs: tuple[Run, Run], source: Source, tmp_path: Path
) -> None:
    limited = made(tmp_path / "limited", source, "tiny", limit_train=10)
    assert call(runs[0].folder, limited.folder, submit(runs[1], "mini", tmp_path / "theirs.zip")).code == 0
    groups = read_evidence([entry(), runs[0], limited])
    assert [list(group.models) for group in groups] == [["bag", "theirs"], ["tiny", "theirs"]]
    (warning,) = warnings(groups)
    assert warning.count("labels: ") == 1
    assert warning.count(", no limits)") == len(TASKS)
    comparisons = [compare(group) for group in groups]
    assert all(comparison.is_ranked(row) for comparison in comparisons for row in comparison.rows)
    assert [comparison.mean_name for comparison in comparisons] == ["Mini score", "mean of 3 tasks"]
    rows = [tuple(row.values()) for row in table("results.csv")]
    assert len(rows) == len(set(rows))
    assert "for a submission that is not known" in Path("board/comparison.md").read_text()


def test_files_of_one_name_are_two_entries(runs: tuple[Run, Run], tmp_path: Path) -> None:
    files = []
    for run, model in zip(runs, ("bag", "mini"), strict=True):
        (tmp_path / model).mkdir()
        files.append(submit(run, model, tmp_path / model / "theirs.zip"))
    entered = put(*files, files[0], data=runs[0].info().source)
    scores = [{result.task: result.score for result in run.results()} for run in entered]
    assert scores == [{result.task: result.score for result in run.results()} for run in runs]
    labels = list(read_evidence(entered)[0].models)
    assert labels == [f"theirs ({run.folder.name})" for run in entered]
    assert all(label.startswith("theirs (theirs.zip-") for label in labels)


def test_a_submission_is_scored_on_the_tasks_of_the_runs(runs: tuple[Run, Run], source: Source, tmp_path: Path) -> None:
    few = made(tmp_path / "few", source, "bag", tasks=TASKS[:1])
    file = submit(runs[1], "mini", tmp_path / "theirs.zip")
    (result,) = put(few.folder, file)[1].results()
    assert result.task == "labels"
    assert result.submission.notes == ["Left out, as no run has the task: Numbers, Pairs."]
    assert len(put(file, data=source.root)[0].results()) == 3, "no run stands beside it"


def test_a_single_file_is_an_entry_too(source: Source, tmp_path: Path) -> None:
    run = made(tmp_path / "run", source, "mini", tasks=EVERYTHING)
    file = tmp_path / "predictions.json"
    submit_task(seed_results(run, "mini", [QUESTIONS]), QUESTIONS, file, "validation")
    (result,) = put(run.folder, file, suite=None, tasks=(QUESTIONS,))[1].results()
    own = next(found for found in run.results() if found.task == "questions")
    shared = result.scores["validation"].items() & own.scores["validation"].items()
    assert {name for name, _ in shared} >= set(own.headline)
