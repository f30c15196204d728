"""A run as its user has it: the grid in worker processes, interrupted, failing, resumed, and beside another one."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.store.run import Run
from harness.system.cores import Cores
from harness.system.locks import claim, measuring
from tests.fakes import TOY


def command(out: Path, *options: str) -> list[str]:
    start = [sys.executable, "-m", "harness", "run", "--plugin", str(TOY), "--data", "sample", "--out", str(out)]
    return [*start, *options]


def run(out: Path, *options: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command(out, *options), capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def start_training(out: Path, *options: str) -> subprocess.Popen[str]:
    """Start a run and return once its first checkpointed step is on disk."""
    process = subprocess.Popen(
        command(out, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_signals,  # noqa: PLW1509 (unsafe beside threads, of which there are none here)
    )
    wait_for(lambda: any(out.glob("trials/*/checkpoint.safetensors")), process)
    return process


def heed_signals() -> None:
    """A shell lets what it starts in the background ignore Ctrl-C, and nohup SIGHUP, and so all that this starts."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def wait_for(condition: Any, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def answers(out: Path) -> dict[str, Any]:
    opened = Run(out)
    return {
        result.key: [(split, opened.predictions(result, split), result.scores.get(split)) for split in splits(result)]
        for result in opened.results()
    }


def splits(result: Any) -> Sequence[str]:
    return [split for split in result.data.num_examples if split != "train"]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "unbroken"
    run(out, "--task", "toy", "--task", "toy-too", "--model", "slow", "--model", "words", "--workers", "1")
    return out


def test_results_hold_what_is_needed(unbroken: Path) -> None:
    results = Run(unbroken).results()
    assert len(results) == 4
    for result in results:
        assert result.score == pytest.approx(result.scores["validation"]["accuracy"])
        assert result.data.kind == "sample"
        assert result.data.num_examples["train"] == 96
        assert len(result.history.losses) == 24
        assert result.peak_memory_bytes > 10_000_000
        assert result.machine.num_threads == 1
        assert result.model.num_parameters > 0
        assert result.versions["torch"]
    speeds = Run(unbroken).speeds()
    assert {(speed.task, speed.model) for speed in speeds} == {(r.task, r.model.name) for r in results}
    assert all(speed.latency_seconds and set(speed.batch_seconds) == {1, 8, 32} for speed in speeds)
    assert not list(unbroken.glob("trials/*/checkpoint*")), "checkpoints go once the speed is measured"
    assert (unbroken / "report" / "index.html").is_file()


def test_two_workers_give_the_same(unbroken: Path, tmp_path: Path) -> None:
    run(tmp_path, "--task", "toy", "--task", "toy-too", "--model", "words", "--model", "slow", "--workers", "2")
    assert answers(tmp_path) == answers(unbroken)


def test_killed_in_training_and_resumed(unbroken: Path, tmp_path: Path) -> None:
    process = start_training(tmp_path, "--task", "toy", "--model", "slow", "--workers", "1")
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert not answers(tmp_path)
    done = run(tmp_path, "--task", "toy", "--model", "slow", "--workers", "1")
    assert "1 to do" in done.stderr
    (result,) = Run(tmp_path).results()
    assert result.timings.resumed
    assert answers(tmp_path)[result.key] == answers(unbroken)[result.key]


def test_interrupted_ends_cleanly(tmp_path: Path) -> None:
    process = start_training(tmp_path, "--task", "toy", "--model", "slow")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "same command goes on" in errors
    assert "Traceback" not in errors
    assert not list(tmp_path.glob("trials/*/.*.tmp"))


def test_a_failing_pair_does_not_sink_the_rest(tmp_path: Path) -> None:
    models = ("--model", "broken", "--model", "killed", "--model", "words")
    done = run(tmp_path, "--task", "toy", *models, "--json", code=1)
    document = json.loads(done.stdout)
    assert [result["model"] for result in document["results"]] == ["words"]
    messages = {failure["model"]: failure["message"] for failure in document["failures"]}
    assert messages["broken"] == "ZeroDivisionError: planted"
    assert "signal 9" in messages["killed"]
    (broken,) = (failure for failure in Run(tmp_path).failures() if failure.model == "broken")
    assert 'raise ZeroDivisionError("planted")' in broken.traceback


def test_a_speed_that_cannot_be_measured_is_a_failure_until_it_can(tmp_path: Path) -> None:
    options = ("--task", "toy", "--model", "stubborn")
    first = run(tmp_path, *options, code=1)
    assert "speed not measured: ZeroDivisionError: planted in the checkpoint" in first.stdout
    assert "speed not measured: ZeroDivisionError" in (tmp_path / "report" / "index.html").read_text()
    (result,), (failure,) = Run(tmp_path).results(), Run(tmp_path).failures()
    assert (failure.kind, failure.key) == ("speed", result.key)
    assert result.history.notes == ("collector on: True", "imports left out: True")
    Run(tmp_path).checkpoint_path(result.key).unlink()
    second = run(tmp_path, *options)
    assert "failed" not in second.stdout
    assert "speed not measured" not in (tmp_path / "report" / "index.html").read_text()
    assert not Run(tmp_path).failures()
    assert len(Run(tmp_path).speeds()) == 1


def test_a_second_call_does_only_what_is_missing(unbroken: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in unbroken.glob("trials/*/result.json")}
    done = run(unbroken, "--task", "toy", "--model", "words", "--seeds", "2", "--dry-run", "--json")
    (pair,) = json.loads(done.stdout)["pairs"]
    assert (pair["num_cached"], pair["num_new"]) == (1, 1)
    done = run(unbroken, "--task", "toy", "--model", "words")
    assert "to do" not in done.stderr
    assert before == {path: path.stat().st_mtime_ns for path in unbroken.glob("trials/*/result.json")}


def test_two_runs_of_one_folder_share_the_work(tmp_path: Path) -> None:
    options = ("--task", "toy", "--task", "toy-too", "--model", "slow", "--workers", "1")
    other = subprocess.Popen(command(tmp_path, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: any(tmp_path.glob("trials/*/.claim")), other)
    run(tmp_path, *options)
    assert other.wait(timeout=60) == 0
    other.communicate()
    assert len(Run(tmp_path).results()) == 2
    assert not Run(tmp_path).failures()


def test_a_host_waits_for_its_own_measurements_and_not_for_those_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, options = Run(tmp_path), ("--task", "toy", "--model", "words", "--workers", "1")
    locks = here.host_folder
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("harness.store.run.host", lambda: "elsewhere")
        locks_elsewhere = here.host_folder
    assert locks_elsewhere != locks
    with measuring(locks_elsewhere / "computing"), Cores(locks_elsewhere / "cores", 1).one():
        run(tmp_path, *options)
    (result,) = here.results()
    (here.trial_folder(result.key) / "result.json").unlink()

    process = subprocess.Popen(command(tmp_path, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with measuring(locks / "computing"):
        wait_for(lambda: is_claimed(here.claim_path(result.key)), process)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        assert not here.results()
    assert process.wait(timeout=60) == 0
    process.communicate()
    assert len(here.results()) == 1


def is_claimed(path: Path) -> bool:
    """Return whether somebody holds the trial, on this host or another: its claim is the same file."""
    with claim(path) as free:
        return not free


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a run whose trials on one task begin with what those on another leave, and what it printed."""
    out = tmp_path_factory.mktemp("runs") / "started"
    options = ("--task", "toy-too", "--model", "words", "--model", "broken-start", "--model", "majority")
    done = run(out, *options, "--start-from", "toy", "--seeds", "2", "--workers", "2", "--json", code=1)
    return out, json.loads(done.stdout)


def test_trials_start_from_another_of_the_same_seed(started: tuple[Path, dict[str, Any]]) -> None:
    out, document = started
    found = {(result.task, result.model.name, result.seed): result for result in Run(out).results()}
    pairs = {(task, model) for task in ("toy", "toy-too") for model in ("words from toy", "majority")}
    assert set(found) == {(*pair, seed) for pair in pairs for seed in (0, 1)}
    for seed in (0, 1):
        first, second = (found[task, "words from toy", seed] for task in ("toy", "toy-too"))
        assert (first.start, second.start) == (None, first.key)
        assert first.created < second.created
    assert {result["model"] for result in document["results"]} == {"words from toy", "majority"}
    assert not list(out.glob("trials/*/*.safetensors")), "nobody needs them any more"


def test_what_starts_from_a_trial_that_failed_fails_in_one_line(started: tuple[Path, dict[str, Any]]) -> None:
    out, document = started
    planted, because = (
        "ZeroDivisionError: planted",
        "not begun, as the trial that it starts from (toy, same seed) failed",
    )
    expected = {(task, seed): text for task, text in (("toy", planted), ("toy-too", because)) for seed in (0, 1)}
    failures = [failure for failure in document["failures"] if failure["model"] == "broken-start from toy"]
    assert {(failure["task"], failure["seed"]): failure["message"] for failure in failures} == expected
    assert len(failures) == len(document["failures"])
    assert because in (out / "report" / "index.html").read_text()


def test_killed_in_a_training_that_starts_from_another_and_resumed(
    started: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    options = ("--task", "toy-too", "--model", "steady", "--start-from", "toy", "--workers", "1")
    process = subprocess.Popen(command(tmp_path, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: any(tmp_path.glob("trials/toy-too-*/checkpoint.safetensors")), process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert [result.task for result in Run(tmp_path).results()] == ["toy"]
    assert len(list(tmp_path.glob("trials/toy--*/weights.safetensors"))) == 1
    assert "1 to do, 1 cached" in run(tmp_path, *options).stderr
    assert {result.timings.resumed for result in Run(tmp_path).results() if result.start} == {True}
    assert not list(tmp_path.glob("trials/*/*.safetensors"))
    one, other = (
        {
            (Run(out).result(key).task, Run(out).result(key).seed): held
            for key, held in answers(out).items()
            if name in key
        }
        for out, name in ((tmp_path, "steady"), (started[0], "words"))
    )
    assert one == {pair: other[pair] for pair in (("toy", 0), ("toy-too", 0))}, "steady is words with pauses"
