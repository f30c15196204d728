"""However a model ends, its job has an outcome, and the others go on: real workers, and models that misbehave."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.api.limits import Limits
from harness.catalog import load_catalog
from harness.engine.events import Event, JobEnded
from harness.engine.failures import death_of, failure_of, save_failure
from harness.engine.job import Job, make_job
from harness.engine.local import LocalEngine
from harness.engine.options import Options
from harness.plan.request import Request, prepare
from harness.store.records import Failure
from harness.store.run import Run
from harness.system.locks import claim
from tests.fakes import FAKES, TOY
from tests.fakes.failing import ACTS, CHILD, PROCESSES
from tests.fakes.jobs import job as made_up_job

PLUGINS = (str(TOY), str(FAKES / "failing.py"))
MESSAGES = {
    "exits": "SystemExit: 3",
    "exits in words": "SystemExit: no more",
    "dies well": "the worker process ended with code 0 without a result",
    "dies": "the worker process ended with code 3 without a result",
    "dies and leaves a process": "the worker process ended with code 5 without a result",
    "interrupts": "KeyboardInterrupt",
    "throws no exception": "BaseException: planted",
    "silent": "SilentError: (what it says is unknown: its __str__ raises RuntimeError)",
    "exiting": "ExitingError: (what it says is unknown: its __str__ raises SystemExit)",
    "number": "NumberError: (what it says is unknown: its __str__ raises TypeError)",
    "shapeless": "ShapelessError: planted",
    "private": "PrivateError: <unlocked _thread.lock object",
    "control": "ValueError: one two [2J three [/four]",
    "long": "ValueError: aaaa",
    "group": "ExceptionGroup: both (2 sub-exceptions)",
    "deep": "RecursionError: maximum recursion depth exceeded",
    "is killed": "the worker process was killed by signal 9 (out of memory?) without a result",
    "aborts": "the worker process was killed by signal 6 without a result",
    "closes": "the worker process ended with code ",
    "full disk": "ValueError: planted",
}
DONE = ["closes output", "garbage", "goes away", "removes", "leaves a thread", "leaves a process", "good"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give an empty folder to work in, which one of the models leaves, and another removes one in it."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("failing"))
    yield Path.cwd()
    os.chdir(before)


def jobs_for(models: list[str]) -> list[Job]:
    asked = Request(
        suite=None, tasks=("toy-too",), models=tuple(models), seeds=(0,), data="sample",
        limits=Limits(), device="cpu", out=Path("run"), command="run",
    )  # fmt: skip
    prepared = prepare(asked, load_catalog(PLUGINS))
    options = Options(device="cpu", num_workers=2, plugins=PLUGINS)
    return [make_job("trial", trial, prepared.run, options) for trial in prepared.plan.trials]


@pytest.fixture(scope="module")
def ended(folder: Path) -> dict[str, Failure | None]:
    """Return how each job ended, of all models side by side."""
    heard: list[Event] = []
    jobs, engine = jobs_for([*ACTS, *PROCESSES, "good"]), LocalEngine()
    engine.start(["no_such_module"])
    try:
        engine.do(jobs, heard.append, num_workers=4)
    finally:
        engine.stop()
    ends = [event for event in heard if isinstance(event, JobEnded)]
    assert len(ends) == len(jobs)
    return {event.job.model: event.failure for event in ends}


def test_each_model_is_expected_to_end_somehow() -> None:
    assert {*MESSAGES, *DONE} == {*ACTS, *PROCESSES, "good"}


@pytest.mark.parametrize("model", MESSAGES)
def test_a_failure_is_one_bounded_line(ended: dict[str, Failure | None], model: str) -> None:
    failure = ended[model]
    assert failure
    assert failure.message.startswith(MESSAGES[model])
    assert failure.message.isprintable()
    assert len(failure.message) <= 500
    assert len(failure.traceback) <= 20_000
    run = Run(Path("run"))
    assert not run.is_done(failure.key)
    assert failure in run.failures(), "also where the worker could not write it, as the engine can"


@pytest.mark.parametrize("model", DONE)
def test_what_only_looks_bad_is_done(ended: dict[str, Failure | None], model: str) -> None:
    assert ended[model] is None
    assert model in {result.model.name for result in Run(Path("run")).results()}


@pytest.mark.parametrize("model", PROCESSES)
def test_what_a_model_leaves_running_is_ended_and_holds_nothing(ended: dict[str, Failure | None], model: str) -> None:
    (job,) = jobs_for([model])
    run = Run(Path("run"))
    with claim(run.claim_path(job.key)) as free:
        assert free
    child = Path(f"/proc/{(run.trial_folder(job.key) / CHILD).read_text()}/status")
    assert not child.exists() or "State:\tZ" in child.read_text()


def test_the_log_keeps_the_whole(ended: dict[str, Failure | None]) -> None:
    failure = ended["long"]
    assert failure
    assert "characters left out" in failure.message
    log = Run(Path("run")).trial_folder(failure.key) / "log.txt"
    assert "a" * 3_000_000 in log.read_text()


def test_a_record_can_always_be_made(tmp_path: Path) -> None:
    job = made_up_job("any")
    failure = failure_of(job, ValueError("\udc00"))
    (tmp_path / "file").write_text("")
    assert not save_failure(failure, Run(tmp_path / "file"))
    assert death_of(job, None).message == "the worker process stopped telling how far it is without a result"
