"""What a person sees while a run goes on: an honest time left, and a line for each job that ends."""

import io
import re

import pytest
from rich.console import Console

from harness.cli import clock
from harness.cli.progress import PlainListener, RichListener, listening
from harness.engine.events import DataRead, JobEnded, JobProgressed, StageBegan
from harness.system.console import PlainConsole
from tests.fakes.jobs import fail, job

CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Put a clock in place that shows the number in this list."""
    time = [100.0]
    monkeypatch.setattr(clock.time, "monotonic", lambda: time[0])
    return time


@pytest.fixture
def console() -> PlainConsole:
    return PlainConsole(file=io.StringIO(), width=60)


def printed(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return CONTROLS.sub("", console.file.getvalue().replace("\r", "\n")).splitlines()


def test_a_log_has_a_line_for_each_event_and_none_for_a_step(now: list[float], console: Console) -> None:
    words, slow = job("[bold]words"), job("slow")
    with listening(console) as listener:
        assert isinstance(listener, PlainListener)
        for _ in range(2):  # each stage reads the data, which are said once
            counts = {"toy": {"train": 12_000, "validation": 10}, "cola": {"train": 5}}
            listener(DataRead(num_examples=counts, num_held={"toy": {"train": 12_000}, "cola": {"train": 8_551}}))
        listener(StageBegan(stage="trials", work={words: 1.0, slow: 3.0}, num_cached=2))
        listener(JobProgressed(job=words, phase="loading", fraction=0.0))
        now[0] += 5
        listener(JobProgressed(job=slow, phase="step 1 of 3", fraction=1 / 3))
        listener(JobEnded(job=words))
        now[0] += 5
        listener(JobEnded(job=slow, failure=fail(slow, "ZeroDivisionError: planted, and a long story about it")))
        listener(StageBegan(stage="speed", work={words: 1.0}))
        listener(JobEnded(job=words))
    assert printed(console) == [
        "examples: toy 12,000 train / 10 validation; cola 5 of 8,551 train",
        "trials: 2 to do, 2 cached",
        "[1/2] toy × [bold]words · seed 0 (about 10 s left)",
        "[2/2] toy × slow · seed 0 failed: ZeroDivisionError: planted, and a long story about it (about 0 s left)",
        "speed: 1 to do",
        "[1/1] toy × [bold]words · seed 0 (about 0 s left)",
    ]


@pytest.mark.parametrize(
    ("stage", "line"),
    [
        ("trials", "all 36 trials cached"),
        ("trials, 2 of at most 20 seeds, 0 of 8 pairs undecided", "all 36 trials cached, 2 of at most 20 seeds, 0 of"),
    ],
)
@pytest.mark.parametrize("is_terminal", [False, True])
def test_a_stage_with_nothing_to_do_says_so(
    monkeypatch: pytest.MonkeyPatch, stage: str, line: str, is_terminal: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    console = Console(file=io.StringIO(), width=120, force_terminal=is_terminal, color_system=None)
    with listening(console) as listener:
        listener(StageBegan(stage=stage, work={}, num_cached=36))
    assert [found for found in printed(console) if found.startswith(line)]
    assert "starting" not in "".join(printed(console))


def test_a_terminal_shows_the_grid_and_the_jobs_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    console = Console(file=io.StringIO(), width=120, force_terminal=True, color_system=None)
    one, two = job("one"), job("two")
    with listening(console) as listener:
        assert isinstance(listener, RichListener)
        listener(StageBegan(stage="trials", work={one: 1.0, two: 1.0}))
        listener(JobProgressed(job=one, phase="step 1 of 2", fraction=0.5))
        listener(JobProgressed(job=two, phase="loading", fraction=0.0))
        listener(JobEnded(job=one))
        listener(JobEnded(job=two, failure=fail(two, "ZeroDivisionError: planted")))
    shown = "\n".join(printed(console))
    assert "failed: toy × two · seed 0: ZeroDivisionError: planted" in shown
    last = shown[shown.rindex("trials") :]
    assert "2 of 2" in last
    assert "toy × one" not in last


def test_a_terminal_has_one_line_a_worker_and_none_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials that end leave nothing, and no line is wrapped, so nothing scrolls."""
    monkeypatch.setenv("TERM", "xterm")
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    jobs = [job(f"a-model-whose-name-is-long-{number}") for number in range(20)]
    with listening(console) as listener:
        listener(StageBegan(stage="trials", work=dict.fromkeys(jobs, 1.0)))
        for each in jobs:
            listener(JobProgressed(job=each, phase="step 100 of 12,000", fraction=0.5))
            listener(JobEnded(job=each))
    assert isinstance(console.file, io.StringIO)
    raw = console.file.getvalue()
    assert raw.count("\n") - raw.count("\x1b[1A") <= 2, "what is written over does not scroll"
    assert max(map(len, printed(console))) <= 80
    assert any("1 of 20" in line and "━" in line for line in printed(console))
