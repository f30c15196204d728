"""``submit`` and ``score --suite`` as their user meets them, on GLUE's own tasks and made-up answers."""

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.catalog import load_catalog
from harness.cli import app
from harness.cli.suites import suite_asked
from harness.data.source import Source
from harness.errors import UsageError
from harness.store.run import Run
from tests.fakes.mini_suite import write_run

TITLES = ("CoLA", "SST-2", "MRPC", "STS-B", "QQP", "MNLI-m", "MNLI-mm", "AX", "QNLI", "RTE", "WNLI")
FILES = [f"{title}.tsv" for title in TITLES]
Call = Callable[..., str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    catalog = load_catalog()
    tasks = [catalog.task(name) for name in catalog.suite("glue").tasks]
    folder = tmp_path_factory.mktemp("runs") / "glue"
    return write_run(folder, Source(kind="sample"), models=("bag",), tasks=tasks, kind="sample")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Give a function that runs a command in an empty folder, and returns what it printed."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["harness", *arguments])
        with pytest.raises(SystemExit) as end:
            app.main()
        assert end.value.code == code
        return capsys.readouterr().out

    return call


def test_a_glue_submission_and_its_score(run: Run, call: Call) -> None:
    written = json.loads(
        call(
            "submit",
            str(run.folder),
            "--model",
            "bag",
            "--suite",
            "glue",
            "--out",
            "glue.zip",
            "--validation",
            "--json",
        )
    )
    assert (written["paths"], written["model"], written["seed"]) == (["glue.zip"], "bag", 0)
    assert list(written["num_predictions"]) == FILES
    assert zipfile.ZipFile("glue.zip").namelist() == FILES
    scored = json.loads(call("score", "--suite", "glue", "glue.zip", "--data", "sample", "--json"))
    own = {result.task: result for result in run.results() if result.seed == 0}
    assert scored["scores"] == {task: result.score for task, result in own.items()}
    for file in scored["files"]:
        if file["file"] == "AX.tsv":
            assert file["headline"] == ["matthews"]
        else:
            assert file["metrics"] == own[file["task"]].scores[file["split"]]
    assert scored["mean"] == pytest.approx(sum(result.score for result in own.values()) / 9)
    assert (scored["mean_name"], scored["side"], scored["data"]) == ("mean of 9 tasks", "validation", "sample")


def test_a_submission_for_the_site_can_only_be_checked(run: Run, call: Call) -> None:
    shown = call("submit", str(run.folder), "--model", "bag", "--suite", "glue", "--out", "glue.zip", "--seed", "1")
    assert "MNLI-mm.tsv              100 predictions" in shown
    assert "note: these are predictions for the generated sample, not to the real benchmark." in shown
    assert shown.endswith("written: glue.zip\n")
    shown = call("score", "--suite", "glue", "glue.zip", "--data", "sample")
    assert shown.startswith("glue, from the generated sample that ships with the project, not the real benchmark\n")
    assert shown.count("not scored: no labels") == 10
    assert shown.count("matthews") == 1, "AX has labels here, and its own metric"
    assert "mean" not in shown


def test_a_part_of_a_submission(run: Run, call: Call) -> None:
    call("submit", str(run.folder), "--model", "bag", "--out", "CoLA.tsv", "--task", "cola", "--validation")
    with zipfile.ZipFile("part.zip", "w") as archive:
        archive.write("CoLA.tsv")
    assert call("score", "--suite", "glue", "part.zip", "--data", "sample", code=2) == ""
    shown = call("score", "--suite", "glue", "part.zip", "--data", "sample", "--partial")
    score = next(result.score for result in run.results() if (result.task, result.seed) == ("cola", 0))
    assert "not in the submission: SST-2.tsv\n" in shown
    assert shown.endswith(f"mean of 1 task: {score:.4f}\n")
    assert f"matthews                 {score:.4f}" in call("score", "CoLA.tsv", "--task", "cola", "--data", "sample")


def test_a_suite_is_the_one_of_the_runs_or_asked_for(run: Run, tmp_path: Path) -> None:
    catalog, info, run = load_catalog(), run.info(), Run(tmp_path)
    run.save_info(info)
    with pytest.raises(UsageError, match=r"no suite 'mini'"):
        suite_asked(None, [run], catalog)
    run.save_info(info.model_copy(update={"suite": "squad"}))
    assert suite_asked(None, [run, run], catalog).name == "squad"
    assert suite_asked("glue", [run], catalog).name == "glue"
    run.save_info(info.model_copy(update={"suite": None}))
    with pytest.raises(
        UsageError, match=r"which suite\? no run says it: give --suite \(blimp, glue, lm,.*\), or --task"
    ):
        suite_asked(None, [run], catalog)
