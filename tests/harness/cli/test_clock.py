"""The time left: none before something is known, then what the models' own rates and the workers make of it."""

from dataclasses import replace

import pytest

from harness.cli import clock
from harness.cli.clock import Clock, duration
from harness.plan.estimate import SECONDS_A_MEASUREMENT
from tests.fakes.jobs import job


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Put a clock in place that shows the number in this list."""
    time = [100.0]
    monkeypatch.setattr(clock.time, "monotonic", lambda: time[0])
    return time


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


def test_what_it_takes_to_start_is_no_sign_of_what_is_left(now: list[float]) -> None:
    """A minute of imports, then steps that are quick: not ten minutes for fifty seconds."""
    one = job("one")
    found = Clock({one: 50.0})
    now[0] += 60
    found.advance(one, 0.0)
    now[0] += 30
    assert found.left() == "estimating …"
    found.advance(one, 0.01)
    now[0] += 1
    found.advance(one, 0.03)
    assert found.left() == "estimating …", "too short a while"
    now[0] += 4
    found.advance(one, 0.11)
    assert found.left() == "about 44 s left"  # a tenth took 5 s


def test_the_time_left_follows_the_work_and_not_the_number_of_jobs(now: list[float]) -> None:
    small, large = job("model"), job("model", seed=1)
    found = Clock({small: 1.0, large: 9.0})
    found.advance(small, 0.0)
    now[0] += 4
    found.end(small)
    assert found.left() == "about 36 s left"
    found.advance(large, 0.1)
    now[0] += 8
    found.advance(large, 0.6)
    assert found.left() == "about 8 s left"  # 1 and 4.5 took 12 s
    found.end(large)
    assert found.left() == "about 0 s left"
    assert (found.num_ended, found.num_jobs) == (2, 2)


def test_each_model_has_its_own_rate(now: list[float]) -> None:
    quick, slow = ([job(name, seed=seed) for seed in range(3)] for name in ("quick", "slow"))
    found = Clock(dict.fromkeys([*quick, *slow], 1.0))
    for first, seconds in ((slow[0], 30), (quick[0], 1)):
        found.advance(first, 0.0)
        now[0] += seconds
        found.end(first)
    assert found.left() == f"about {duration(2 * 30 + 2 * 1)} left"


def test_workers_share_what_is_left_and_the_longest_ends_last(now: list[float]) -> None:
    jobs = [job("model", seed=seed) for seed in range(6)]
    found = Clock({each: 1.0 if each.seed < 5 else 4.0 for each in jobs})
    found.advance(jobs[0], 0.0)
    found.advance(jobs[1], 0.0)
    now[0] += 10
    found.end(jobs[0])
    found.end(jobs[1])
    assert found.seconds_left() == pytest.approx(40), "three of 10 s beside one of 40 s"


def test_measurements_that_follow_are_part_of_it(now: list[float]) -> None:
    one = job("one")
    found = Clock({one: 1.0}, num_measurements=4)
    now[0] += 5
    found.end(one)
    assert found.seconds_left() == 4 * SECONDS_A_MEASUREMENT


def test_a_job_that_starts_over_takes_its_fraction_back(now: list[float]) -> None:
    one = job("one")
    found = Clock({one: 1.0})
    found.advance(one, 0.0)
    found.advance(one, 0.1)
    now[0] += 4
    found.advance(one, 0.5)
    assert found.left() == "about 5 s left"
    found.advance(one, 0.0)
    assert found.left() == "estimating …"
    assert found.num_ended == 0


def test_what_starts_from_another_job_waits_for_it(now: list[float]) -> None:
    start, other = replace(job("model"), start_from="toy"), job("other")
    follower = replace(job("model", seed=1), task="too", start_from="toy", start=start.key)
    found = Clock({start: 10.0, other: 10.0, follower: 6.0})
    found.advance(start, 0.1)
    found.advance(other, 0.1)
    now[0] += 5
    found.advance(start, 0.6)
    found.end(other)
    assert found.seconds_left() == pytest.approx(4 + 6), "though a worker is free"
