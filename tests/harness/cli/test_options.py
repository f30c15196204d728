"""Options as people type them: names in any spelling, seeds by number or by list, and what is said of the data."""

import importlib.metadata
import re
from pathlib import Path

import pytest
from typer.main import get_command

from harness.cli.app import app
from harness.cli.options import seeds_asked
from harness.store.run import Run
from tests.harness.cli.conftest import ON_TOY, Call, Done, document


def test_a_command_that_is_misspelled(call: Call) -> None:
    assert call("rnu").errors == "error: No such command 'rnu'. Did you mean 'run'? See `harness --help`.\n"


def test_the_version(call: Call) -> None:
    done = call("--version")
    assert (done.code, done.errors) == (0, "")
    assert done.output == f"harness {importlib.metadata.version('harness')}\n"


def test_names_may_be_typed_as_they_are_printed(call: Call) -> None:
    """A title, and any case; twice the same is once."""
    names = ("--task", "SST-2", "--task", "sst2", "--model", "Majority", "--model", "majority")
    for suite in ((), ("--suite", "Glue")):
        done = call("run", *suite, *names, "--data", "sample", "--dry-run", "--json")
        (pair,) = document(done.output)["pairs"]
        assert (pair["task"], pair["model"]) == ("sst2", "majority")


@pytest.mark.parametrize(
    ("seeds", "chosen"), [("3", (0, 1, 2)), ("1,2,3", (1, 2, 3)), ("5,", (5,)), ("2, 2,0", (2, 0))]
)
def test_seeds_are_a_number_or_a_list(seeds: str, chosen: tuple[int, ...]) -> None:
    assert seeds_asked(seeds) == chosen


def test_a_list_of_seeds_is_recorded_and_resumed(call: Call) -> None:
    def run(seeds: str, *more: str) -> Done:
        return call("run", *ON_TOY, "--data", "sample", "--out", "listed", "--seeds", seeds, *more)

    first = run("4,2")
    assert "examples: toy " in first.errors
    assert "trials: 2 to do" in first.errors
    run_ = Run(Path("listed"))
    assert sorted(result.seed for result in run_.results()) == [2, 4]
    assert run_.info().num_seeds == 2
    assert "all 2 trials cached" in run("4,2").errors
    (pair,) = document(run("2,3", "--dry-run", "--json").output)["pairs"]
    assert (pair["num_cached"], pair["num_new"]) == (1, 1)
    assert "trials: 1 to do, 1 cached" in run("2,3").errors
    assert sorted(result.seed for result in run_.results()) == [2, 3, 4]
    assert run_.info().num_seeds == 3, "all that was asked for together"


def test_where_the_data_are_is_said_whole(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder in full, the home as ~, and how many examples each split has."""
    monkeypatch.setenv("HOME", str(Path.cwd()))
    (folder := Path("data") / "CoLA").mkdir(parents=True)
    rows = "".join(f"a\t{number % 2}\t\tSentence number {number} .\n" for number in range(12))
    for name in ("train", "dev"):
        (folder / f"{name}.tsv").write_text(rows)
    asked = ("run", "--task", "cola", "--model", "majority", "--data", "data", "--out", "run")
    done = call(*asked)
    assert "data: ~/data\n" in done.errors
    assert "examples: cola 12 train / 12 validation\n" in done.errors
    again = call(*asked, "--limit", "5")
    assert "data: ~/data (at most 5 examples of each split)\n" in again.errors
    assert "examples: cola 5 of 12 train / 5 of 12 validation\n" in again.errors
    whole = call(*asked, "--limit-train", "4")
    assert "data: ~/data (at most 4 training examples)\n" in whole.errors


def test_help_shows_each_default_that_it_states() -> None:
    """A bracket that is not escaped is markup to rich, so a default written in a help text was left out of it."""
    commands = get_command(app).commands.values()  # type: ignore[attr-defined]
    texts = [option.help for command in commands for option in command.params if getattr(option, "help", None)]
    assert len(texts) > 50
    assert [text for text in texts if re.search(r"(?<!\\)\[", text)] == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--start-from", "toyy"], "no task 'toyy'; there are: "),
        (
            ["--start-from", "squad"],
            "--start-from squad: none of the tasks asked for (toy) starts from it; no task",
        ),
        (
            ["--start-from", "toy"],
            "--start-from toy: none of the tasks asked for (toy) starts from it; those that do",
        ),
        (["--start-from", "toy", "--task", "toy-too"], "--start-from toy: no model asked for (majority) can; expected"),
        (["--start-from", "toy", "--task", "toy-too", "--head", "keep"], "--head keep and --start-from do not go tog"),
    ],
)
def test_a_start_that_cannot_be_is_one_line_and_code_2(call: Call, options: list[str], complaint: str) -> None:
    done = call("run", *ON_TOY, *options)
    assert (done.code, done.output) == (2, "")
    assert complaint in done.errors
    assert done.errors.count("\n") == 1
