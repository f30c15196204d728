"""A plan becomes jobs, whatever engine does them: here one that does them in this process, one after the other."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.api.limits import Limits
from harness.catalog import load_catalog
from harness.data.source import Source
from harness.engine.engine import Engine
from harness.engine.events import DataRead, Event, JobEnded, JobProgressed, Listener, StageBegan, ignore
from harness.engine.job import Job
from harness.engine.options import Options
from harness.engine.perform import perform
from harness.engine.worker import execute
from harness.errors import RunError
from harness.plan.request import Prepared, Request, prepare
from tests.fakes import TOY
from tests.fakes.jobs import fail


class InProcess:
    """An engine; ``asked`` are the jobs that it was given, and how many at a time."""

    def __init__(self) -> None:
        self.modules: list[str] = []
        self.asked: list[tuple[list[Job], int]] = []

    def start(self, modules: Iterable[str]) -> None:
        self.modules = list(modules)

    def do(self, jobs: Sequence[Job], listener: Listener, *, num_workers: int) -> None:
        self.asked.append((list(jobs), num_workers))
        for job in jobs:
            execute(
                job, lambda phase, fraction, job=job: listener(JobProgressed(job=job, phase=phase, fraction=fraction))
            )
            listener(JobEnded(job=job))

    def stop(self) -> None:
        pass


def prepared(out: Path, *, num_seeds: int = 2) -> Prepared:
    request = Request(
        suite=None, tasks=("toy-too", "cola"), models=("majority",), seeds=tuple(range(num_seeds)), data="sample",
        limits=Limits(), device="cpu", out=out, command="run",
    )  # fmt: skip
    return prepare(request, load_catalog([str(TOY)]))


OPTIONS = Options(device="cpu", num_workers=3, plugins=(str(TOY),))


def test_trials_come_first_the_longest_of_them_before_and_speed_last_and_alone(tmp_path: Path) -> None:
    heard: list[Event] = []
    engine = InProcess()
    checked: Engine = engine
    asked = prepared(tmp_path)
    perform(asked, OPTIONS, checked, heard.append)
    (trials, num_workers), (speeds, num_measured_at_once) = engine.asked
    assert (num_workers, num_measured_at_once) == (3, 1)
    assert [(job.task, job.seed, job.keep_checkpoint) for job in trials] == [
        ("cola", 0, True),
        ("cola", 1, False),
        ("toy-too", 0, True),
        ("toy-too", 1, False),
    ]
    assert {job.key for job in trials} == {trial.key for trial in asked.plan.trials}
    assert [(job.kind, job.task) for job in speeds] == [("speed", "toy-too"), ("speed", "cola")]
    assert len(asked.run.results()) == 4
    assert len(asked.run.speeds()) == 2

    began = [event for event in heard if isinstance(event, StageBegan)]
    assert [(event.stage, list(event.work)) for event in began] == [
        ("trials", sorted(trials, key=lambda job: (job.seed, job.task == "cola"))),
        ("speed", speeds),
    ]
    assert [event.job for event in heard if isinstance(event, JobEnded)] == [*trials, *speeds]
    phases = [event.phase for event in heard if isinstance(event, JobProgressed) and event.job == trials[0]]
    assert phases[0] == "loading"


def test_rows_are_parsed_once_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[tuple[str, str]] = []
    rows = Source.rows

    def counted(source: Source, task: Any, split: str) -> list[dict[str, Any]]:
        parsed.append((task.name, split))
        return rows(source, task, split)

    monkeypatch.setattr(Source, "rows", counted)
    perform(prepared(tmp_path), OPTIONS, InProcess(), ignore)
    assert sorted(parsed) == [
        ("cola", "test"),
        ("cola", "train"),
        ("cola", "validation"),
        ("toy-too", "train"),
        ("toy-too", "validation"),
    ]


def test_what_is_done_starts_no_engine(tmp_path: Path) -> None:
    perform(prepared(tmp_path), OPTIONS, InProcess(), ignore)
    idle = InProcess()
    heard: list[Event] = []
    perform(prepared(tmp_path), OPTIONS, idle, heard.append)
    assert (idle.modules, idle.asked) == ([], [])
    read, began = heard
    assert isinstance(read, DataRead)
    assert list(read.num_examples) == ["toy-too", "cola"]
    assert set(read.num_examples["cola"]) == {"train", "validation", "test"}
    assert began == StageBegan(stage="trials", work={}, num_cached=4)
    perform(prepared(tmp_path, num_seeds=3), OPTIONS, idle, ignore)
    ((jobs, _),) = idle.asked
    assert [(job.seed, job.keep_checkpoint) for job in jobs] == [(2, False)] * 2


class Lossy(InProcess):
    """All of whose jobs fail, and none can be recorded."""

    def do(self, jobs: Sequence[Job], listener: Listener, *, num_workers: int) -> None:
        for job in jobs:
            listener(JobEnded(job=job, failure=fail(job, "ValueError: planted")))


def test_failures_that_cannot_be_recorded_are_told_once_all_is_done(tmp_path: Path) -> None:
    heard: list[Event] = []
    with pytest.raises(RunError) as error:
        perform(prepared(tmp_path), OPTIONS, Lossy(), heard.append)
    assert len([event for event in heard if isinstance(event, JobEnded)]) == 4
    assert "4 failures could not be recorded there (is the disk full?), such as that of" in str(error.value)
    assert str(error.value).endswith("ValueError: planted")


class Recording(InProcess):
    """Which does nothing."""

    def do(self, jobs: Sequence[Job], listener: Listener, *, num_workers: int) -> None:
        self.asked.append((list(jobs), num_workers))


def test_what_others_begin_with_comes_first_and_they_know_it(tmp_path: Path) -> None:
    request = Request(
        suite=None, tasks=("toy-too", "cola"), models=("words", "majority"), seeds=(0, 1), data="sample",
        limits=Limits(), device="cpu", out=tmp_path, command="run", start_from="toy",
    )  # fmt: skip
    engine = Recording()
    asked = prepare(request, load_catalog([str(TOY)]))
    perform(asked, replace(OPTIONS, model_names=asked.model_names), engine, ignore)
    ((jobs, _),) = engine.asked
    assert [(job.task, job.model, job.seed) for job in jobs[:2]] == [("toy", "words from toy", seed) for seed in (0, 1)]
    keys = {job.seed: job.key for job in jobs[:2]}
    assert [(job.is_start, job.start) for job in jobs[:2]] == [(True, None)] * 2
    assert {(job.task, job.model, job.seed, job.start) for job in jobs if job.start} == {
        ("toy-too", "words from toy", seed, key) for seed, key in keys.items()
    }
    catalog = load_catalog([str(TOY)])
    assert [job.trial(catalog).key for job in jobs] == [job.key for job in jobs]
    assert {job.asked_model for job in jobs} == {"words", "majority"}
