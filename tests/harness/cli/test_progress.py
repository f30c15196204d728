"""What a person sees while a run goes on: an honest time left, and a line for each job that ends."""

import io

import pytest
from rich.console import Console

from harness.cli import progress
from harness.cli.progress import Clock, PlainListener, RichListener, duration, listening
from harness.engine.events import JobEnded, JobProgressed, StageBegan
from harness.system.console import PlainConsole
from tests.fakes.jobs import fail, job


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Put a clock in place that shows the number in this list."""
    time = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: time[0])
    return time


@pytest.fixture
def console() -> PlainConsole:
    return PlainConsole(file=io.StringIO(), width=60)


def printed(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (45, "45 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (200, "3 min 20 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 00 min"),
        (7545, "2 h 05 min"),
        (90_000, "25 h 00 min"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_the_time_left_follows_the_work_and_not_the_number_of_jobs(now: list[float]) -> None:
    small, large = job("small"), job("large")
    clock = Clock({small: 1.0, large: 9.0})
    assert clock.left() == "estimating the time left"
    now[0] += 2
    clock.end(small)
    assert clock.left() == "about 18 s left"  # 1 of 10 took 2 s
    now[0] += 8
    clock.advance(large, 0.5)
    assert clock.left() == "about 8 s left"  # 5.5 of 10 took 10 s
    clock.end(large)
    assert clock.left() == "about 0 s left"
    assert (clock.num_ended, clock.num_jobs) == (2, 2)


def test_no_time_is_given_before_a_hundredth_is_done(now: list[float]) -> None:
    clock = Clock({job("one"): 50.0})
    now[0] += 1
    clock.advance(job("one"), 0.009)
    assert clock.left() == "estimating the time left"
    clock.advance(job("one"), 0.01)
    assert clock.left() == "about 1 min 39 s left"


def test_a_job_that_starts_over_takes_its_fraction_back(now: list[float]) -> None:
    clock = Clock({job("one"): 1.0})
    now[0] += 1
    clock.advance(job("one"), 0.5)
    assert clock.left() == "about 1 s left"
    clock.advance(job("one"), 0.0)
    assert clock.left() == "estimating the time left"
    assert clock.num_ended == 0


def test_a_log_has_a_line_for_each_event_and_none_for_a_step(now: list[float], console: Console) -> None:
    words, slow = job("[bold]words"), job("slow")
    with listening(console) as listener:
        assert isinstance(listener, PlainListener)
        listener(StageBegan(stage="trials", work={words: 1.0, slow: 3.0}))
        now[0] += 5
        listener(JobProgressed(job=slow, phase="step 1 of 3", fraction=1 / 3))
        listener(JobEnded(job=words))
        now[0] += 5
        listener(JobEnded(job=slow, failure=fail(slow, "ZeroDivisionError: planted, and a long story about it")))
        listener(StageBegan(stage="speed", work={words: 1.0}))
        listener(JobEnded(job=words))
    assert printed(console) == [
        "trials: 2 to do",
        "[1/2] toy × [bold]words · seed 0: done (about 5 s left)",
        "[2/2] toy × slow · seed 0: ZeroDivisionError: planted, and a long story about it (about 0 s left)",
        "speed: 1 to do",
        "[1/1] toy × [bold]words · seed 0: done (about 0 s left)",
    ]


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
