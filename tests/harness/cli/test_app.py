"""The command line as its user meets it: its options, its one-line errors, its JSON, and what it does not load."""

import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
import typer.main

from harness.api.submission import TableFormat
from harness.catalog import load_catalog
from harness.cli import app
from harness.data.loading import read_split
from harness.data.source import Source
from harness.plan.estimate import SECONDS_A_MEASUREMENT
from harness.system import sealed
from tests.fakes import TOY
from tests.harness.cli.conftest import ON_TOY, Call, document
from tests.integration.test_light_imports import HEAVY, modules_of

OPTIONS = {
    "list": "--json --plugin",
    "run": "--confirm --data --device --dry-run --head --json --limit --limit-train --margin --max-seeds "
    "--model --out --plugin --seeds --start-from --suite --task --until-decided --workers",
    "report": "--json --out --plugin --tex-width RUN...",
    "leaderboard": "--data --json --out --plugin --suite --task RUN|FILE...",
    "compare": "--json --model --plugin RUN [RUN]",
    "score": "--data --json --na-probabilities --partial --plugin --split --suite --task FILE",
    "gate": "--alpha --cost-margin --format --margin --model --out --plugin --quality-only --reference --strict "
    "--task --verbose -v RUN",
    "history": "--as-given --out --plugin RUN...",
    "reference": "--model --out --plugin --task RUN",
    "pretrain": "--batch-size --checkpoint-seconds --corpus --device --dropout --epochs --export --json "
    "--learning-rate --length --model --objective --out --plugin --schedule --seed --tokenizer --tokens "
    "--vocabulary-size",
    "prompts": "--data --json --limit --limit-train --model --plugin --seed --show TASK",
    "verify": "--json RUN",
    "submit": "--json --model --out --partial --plugin --seed --suite --task --validation RUN",
}


@pytest.fixture(scope="module")
def done_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder of a finished run, and what the command printed with ``--json``."""
    folder = tmp_path_factory.mktemp("runs") / "toy"
    command = [sys.executable, "-m", "harness", "run", *ON_TOY, "--data", "sample", "--out", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_options_are_frozen() -> None:
    """Somebody's scripts use these names: add to them freely, and take one away only with a line in the changelog."""
    named = {}
    for name, command in typer.main.get_command(app.app).commands.items():
        options = [p.opts if p.param_type_name == "option" else [p.metavar] for p in command.params]
        named[name] = " ".join(sorted(chain(*options)))
    assert named == OPTIONS


def test_help_keeps_square_brackets(call: Call) -> None:
    assert "[@REVISION]" in call("run", "--help").output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["run", "--suite", "gleu"], "no suite 'gleu'; there are: blimp, glue, lm, lm-pll, squad. Did you mean glue?"),
        (["run", "--task", "colaa"], "Did you mean cola?"),
        (["run", "--task", "COLAA"], "Did you mean cola?"),
        (["run", *ON_TOY, "--data", "smaple"], "a folder of data files. Did you mean sample?"),
        (["run", *ON_TOY, "--device", "cuba"], "expected one of auto, cpu, cuda, mps. Did you mean cuda?"),
        (
            ["run", *ON_TOY, "--head", "kep"],
            "Invalid value for '--head': 'kep' is not one of 'fresh', 'keep'.",
        ),
        (["gate", ".", "--reference", ".", "--format", "jsno"], "Did you mean json"),
        (["run", "--seeds", "0"], "--seeds 0: expected how many, such as 3, which are 0, 1 and 2; or a list with a"),
        (["run", "--seeds", "1,x"], "--seeds 1,x: expected how many"),
        (["run", "--seeds", ","], "--seeds ,: expected how many"),
        (["run", "--seeds", "-1,"], "--seeds -1,: expected how many"),
        (["run", "--seeds", "4294967296,"], "of numbers from 0 to 4294967295."),
        (
            ["run", *ON_TOY, "--until-decided", "reference", "--seeds", "1,2"],
            "--until-decided begins with seeds 0 and 1 and adds the next ones; give --max-seeds",
        ),
        (["run", "--suite", "squad", "--task", "cola"], "--task cola is not in suite 'squad' (squad, squad_v2)"),
        (["run", "--task", "cola", "--model", "majorty"], "no model 'majorty'. Did you mean majority?"),
        (["run", "--task", "cola", "--model", "./none"], "--model ./none: no such folder"),
        (["run"], "nothing to run: give --suite (blimp, glue, lm, lm-pll, squad) or --task."),
        (["run", *ON_TOY, "--data", "nowhere"], "--data nowhere: no such folder; expected auto, hub, sample or"),
        (
            ["run", "--task", "cola", "--data", "."],
            "holds none of the tasks asked for (cola: no training split: expected CoLA/train.tsv, found ",
        ),
        (["run", *ON_TOY, "--data", "."], "task 'toy' has no folder data; it offers: sample."),
        (["run", *ON_TOY, "--device", "bogus"], "--device bogus: expected one of auto, cpu, cuda, mps."),
        (["list", "--plugin", "nowhere.py"], "--plugin nowhere.py: no such file"),
        (["report", "."], ".: not a run; expected a folder made by `python -m harness run --out`"),
        (["score", "nowhere.tsv", "--task", "cola", "--data", "sample"], "nowhere.tsv: cannot be read: No such file"),
        (["score", str(TOY), "--task", "cola", "--data", "sample"], "toy.py, line 1: found "),
        (["score", "nowhere.zip", "--suite", "glue", "--data", "sample"], "nowhere.zip: cannot be read: No such file"),
        (["score", str(TOY), "--suite", "glue", "--data", "sample"], "toy.py: no zip file, or a broken one (File is"),
        (["score", str(TOY), "--suite", "squad", "--data", "sample"], "task 'squad' has no table of predictions"),
        (["score", str(TOY)], "expected --task with a single file, or --suite (and --partial) with a zip."),
        (["submit", ".", "--model", "bag", "--out", "glue.zip"], ".: not a run; expected a folder made by"),
        (
            ["leaderboard", "nowhere", "--out", "board"],
            "nowhere: no such file or folder; expected a run's folder, or a",
        ),
        (["leaderboard", ".", "--out", "board"], ".: not a run; expected a folder made by `python -m harness run"),
        (
            ["leaderboard", str(TOY), "--out", "board", "--suite", "glue", "--data", "sample"],
            "toy.py: no zip file, or a broken one (File",
        ),
        (
            ["leaderboard", str(TOY), "--out", "board"],
            "which suite? no run says it: give --suite (blimp, glue, lm, lm-pll, squad), or --",
        ),
        (
            ["leaderboard", str(TOY), "--suite", "glue", "--out", str(TOY)],
            "toy.py: is a file; expected the leaderboard's folder.",
        ),
        (
            ["leaderboard", str(TOY), "--out", "board", "--suite", "gleu"],
            "no suite 'gleu'; there are: blimp, glue, lm, lm-pll, squad. Did",
        ),
        (
            ["leaderboard", str(TOY), "--suite", "glue", "--out", "board", "--data", "nowhere"],
            "--data nowhere: no such folder",
        ),
        (
            ["score", str(TOY), "--task", "toy", "--plugin", str(TOY)],
            "task 'toy' does not say how a file of predictions",
        ),
    ],
    ids=lambda value: " ".join(value)[-30:] if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_code_2(call: Call, arguments: list[str], complaint: str) -> None:
    done = call(*arguments)
    assert (done.code, done.output) == (2, "")
    assert complaint in done.errors
    assert done.errors.startswith("error: ")
    assert done.errors.count("\n") == 1
    assert not list(Path().iterdir()), "nothing is written"


@pytest.mark.parametrize("arguments", [["run", "--limit", "0"], ["run", "--bogus"], ["bogus"], ["report"]])
def test_a_wrong_option_is_code_2(call: Call, arguments: list[str]) -> None:
    done = call(*arguments)
    assert done.code == 2
    assert "--help" in done.errors
    assert "Traceback" not in done.errors


def test_a_run_that_cannot_be_written(call: Call) -> None:
    Path("taken").write_text("")
    done = call("run", *ON_TOY, "--data", "sample", "--out", "taken")
    assert done.code == 2
    assert "error: --out taken: cannot be written: File exists" in done.errors


def test_a_run_has_one_source(call: Call, done_run: tuple[Path, str]) -> None:
    folder, _ = done_run
    done = call("run", *ON_TOY, "--data", ".", "--out", str(folder))
    assert done.code == 2
    assert done.errors.startswith(f"error: {folder}: its results come from --data sample; with --data .")
    assert done.errors.count("\n") == 1


def test_list_as_json(call: Call) -> None:
    listed = document(call("list", "--plugin", str(TOY), "--json").output)
    assert listed["suites"]["glue"] == "GLUE: cola sst2 mrpc stsb qqp mnli qnli rte wnli"
    assert listed["tasks"]["toy"] == "Toy"
    assert listed["models"]["words"] == f"WordsSpec ({TOY})"
    assert "checkpoint" in listed["model families"]


def test_list_for_a_person(call: Call) -> None:
    done = call("list", "--plugin", str(TOY))
    assert done.errors == ""
    for name in ("suites", "glue", "tasks", "toy-too", "models", "majority", "model families"):
        assert name in done.output


def test_a_dry_run_as_json_writes_nothing(call: Call) -> None:
    done = call("run", *ON_TOY, "--data", "sample", "--dry-run", "--json", "--seeds", "3", "--workers", "2")
    forecast = document(done.output)
    (pair,) = forecast["pairs"]
    assert (pair["task"], pair["model"], pair["num_cached"], pair["num_new"]) == ("toy", "majority", 0, 3)
    assert forecast["workers"] == 2
    after = SECONDS_A_MEASUREMENT
    assert after < forecast["seconds_estimated"] == pytest.approx(pair["seconds"] * 2 / 3 + after)
    assert forecast["num_examples"]["toy"]["train"] == forecast["num_held"]["toy"]["train"] > 0
    assert not list(Path().iterdir())


def test_a_dry_run_says_how_many_rows_there_are(call: Call) -> None:
    done = call("run", *ON_TOY, "--data", "sample", "--dry-run", "--limit-train", "5")
    first, *_, last = done.output.splitlines()
    assert re.fullmatch(r"examples: toy 5 of \d+ train / \d+ validation.*", first)
    assert last.startswith("1 trials to do, roughly ")
    assert last.endswith("(from counted operations; no trial is timed yet); 0 cached")


def test_a_run_as_json(done_run: tuple[Path, str]) -> None:
    folder, output = done_run
    summary = document(output)
    (result,) = summary["results"]
    assert (result["task"], result["model"], result["seed"]) == ("toy", "majority", 0)
    assert result["score"] == result["scores"]["validation"]["accuracy"]
    assert (summary["is_sample"], summary["failures"]) == (True, [])
    assert summary["report"] == str(folder / "report" / "index.html")


def test_a_run_that_is_done_only_reports(call: Call, done_run: tuple[Path, str]) -> None:
    folder, _ = done_run
    done = call("run", *ON_TOY, "--out", str(folder))
    assert done.code == 0
    assert "majority" in done.output
    assert done.output.endswith(f"report: {folder / 'report' / 'index.html'}\n")
    assert "data: the generated sample" in done.errors
    assert "to do" not in done.errors


def test_a_run_that_is_done_checks_each_file_once_and_writes_nothing(
    call: Call, done_run: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = done_run
    again = ("run", *ON_TOY, "--out", str(folder), "--seeds", "1")
    shown = call(*again).output  # a command that the run has not seen yet is written into it, and into the report
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    read = files_read(monkeypatch)
    assert call(*again).output == shown
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    checked = {path.name for path in folder.glob("[est]*/**/*") if path.suffix in {".json", ".parquet"}}
    assert checked >= {"result.json", "predictions-validation.parquet"}
    assert set(read) - checked == {"run.json", "comparison.json", ".made-from"}
    assert {name: read.count(name) for name in checked} == dict.fromkeys(checked, 1)


def test_a_report_reads_each_result_once(
    call: Call, done_run: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = files_read(monkeypatch)
    assert call("report", str(done_run[0]), "--out", "elsewhere").code == 0
    assert read.count("result.json") == 1


def files_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which the name of each stored file is added that is read from now on."""
    names: list[str] = []
    open_file = sealed.open_file
    monkeypatch.setattr(sealed, "open_file", lambda path: names.append(path.name) or open_file(path))
    return names


def test_a_report_as_json(call: Call, done_run: tuple[Path, str]) -> None:
    folder, output = done_run
    done = call("report", str(folder), "--out", "elsewhere", "--json")
    made = document(done.output)
    assert made["report"] == str(Path("elsewhere") / "index.html")
    assert Path(made["report"]).is_file()
    assert [run["results"] for run in made["runs"]] == [document(output)["results"]]


def test_a_report_over_runs_needs_a_place(call: Call, done_run: tuple[Path, str]) -> None:
    folder = str(done_run[0])
    done = call("report", folder, folder)
    assert done.code == 2
    assert done.errors == (
        "error: a report over several runs belongs to none of them: say where it goes with --out DIR.\n"
    )


def test_a_score_as_json(call: Call) -> None:
    task = load_catalog().task("cola")
    assert isinstance(task.submission, TableFormat)
    words = task.submission.words or tuple(map(str, range(2)))
    targets = [example.target for example in read_split(task, Source(kind="sample"), "validation")]
    lines = ["index\tprediction", *(f"{index}\t{words[target]}" for index, target in enumerate(targets))]
    Path("CoLA.tsv").write_text("\n".join(lines) + "\n")
    asked = ("score", "CoLA.tsv", "--task", "cola", "--data", "sample")
    scored = document(call(*asked, "--json").output)
    assert scored["metrics"] == {"matthews": 100.0}
    assert (scored["score"], scored["split"], scored["num_examples"]) == (100.0, "validation", len(targets))
    assert scored["data"] == "sample"
    shown = call(*asked).output
    assert shown.split()[-2:] == ["matthews", "100.0000"]


def test_heavy_libraries_are_not_loaded_where_all_is_done(done_run: tuple[Path, str], tmp_path: Path) -> None:
    command = ("run", *ON_TOY, "--out", str(done_run[0]), "--seeds", "1", "--workers", "1")
    assert HEAVY & modules_of(*command, folder=tmp_path) >= {"pandas", "matplotlib"}, "the report names the new command"
    assert not HEAVY & modules_of(*command, folder=tmp_path)
