"""The timer on a clock of our own: which calls are made, which of them count, and how long they are said to take."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from threadpoolctl import threadpool_limits

from harness import Example, FitSession, History, Prediction
from harness.engine import timing
from harness.engine.timing import measure
from harness.system import stopwatch
from harness.system.stopwatch import WARM_UPS, Budget

EXAMPLES = [Example(id=str(index), text="") for index in range(10)]
TICK = 2.0**-30
"""What asking the fake clock takes, in seconds."""


@dataclass
class Timed:
    """A model whose answers take as long as ``work`` says; keeps the ids of each call."""

    work: Callable[[int], None]
    calls: list[list[str]] = field(default_factory=list)
    num_parameters: int = 0

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        return History()

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        self.calls.append([example.id for example in examples])
        self.work(len(examples))
        return [Prediction(value=0) for _ in examples]


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Put a clock in place that stands still until told otherwise."""
    now = 0.0

    def advance(seconds: float) -> None:
        nonlocal now
        now += seconds

    def perf_counter() -> float:
        advance(TICK)
        return now

    monkeypatch.setattr(timing, "WORKLOADS", dict.fromkeys(timing.WORKLOADS, lambda: None))
    for module in (timing, stopwatch):
        monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=perf_counter))
    return advance


def test_figures_are_what_the_clock_says(pass_time: Callable[[float], None]) -> None:
    model = Timed(lambda count: pass_time(0.5 + count))
    samples = measure(
        model,
        EXAMPLES,
        batch_sizes=(4, 1),
        latency=Budget(seconds=0, min_samples=5),
        throughput=Budget(seconds=0, min_samples=5),
    )
    assert samples.latency_seconds == [1.5 + TICK] * 5
    assert samples.batch_seconds == {1: samples.latency_seconds, 4: [4.5 + TICK] * 5}
    assert samples.noise == 0
    assert samples.workload_seconds == {"matrix product": [TICK] * 9, "attention block": [TICK] * 9}


def test_warm_ups_are_no_samples(pass_time: Callable[[float], None]) -> None:
    model = Timed(lambda _: pass_time(100.0 if len(model.calls) <= WARM_UPS else 1.0))
    samples = measure(
        model,
        EXAMPLES,
        batch_sizes=(),
        latency=Budget(seconds=0, min_samples=2),
        throughput=Budget(seconds=0, min_samples=2),
    )
    assert samples.latency_seconds == [1.0 + TICK] * 2
    assert len(model.calls) == WARM_UPS + 2


@pytest.mark.parametrize(
    ("budget", "count"),
    [
        (Budget(seconds=0, min_samples=3, max_samples=7), 3),
        (Budget(seconds=4.5, min_samples=3, max_samples=7), 5),
        (Budget(seconds=100, min_samples=3, max_samples=7), 7),
    ],
)
def test_the_budget_is_kept(pass_time: Callable[[float], None], budget: Budget, count: int) -> None:
    samples = measure(Timed(lambda _: pass_time(1.0)), EXAMPLES, batch_sizes=(2,), latency=budget, throughput=budget)
    assert [len(seconds) for seconds in samples.batch_seconds.values()] == [count, count]


def test_examples_are_asked_in_turn_and_in_whole_batches(pass_time: Callable[[float], None]) -> None:
    model = Timed(lambda _: None)
    measure(
        model,
        EXAMPLES,
        batch_sizes=(1, 4, 10, 11, 128),
        latency=Budget(seconds=0, min_samples=11),
        throughput=Budget(seconds=0, min_samples=11),
    )
    ones, fours, tens = (model.calls[start : start + 11] for start in (WARM_UPS, 2 * WARM_UPS + 11, 3 * WARM_UPS + 22))
    assert ones == [[str(turn % 10)] for turn in range(11)]
    assert fours == [["0", "1", "2", "3"], ["4", "5", "6", "7"]] * 5 + [["0", "1", "2", "3"]]
    assert tens == [[str(index) for index in range(10)]] * 11
    assert len(model.calls) == 3 * (WARM_UPS + 11)  # 11 and 128 are more than there are


def test_a_planted_sleep_shows_on_the_real_clock() -> None:
    model = Timed(lambda count: time.sleep(0.001 * count))
    with threadpool_limits(1):
        samples = measure(
            model,
            EXAMPLES,
            batch_sizes=(8,),
            latency=Budget(seconds=0.01, min_samples=3),
            throughput=Budget(seconds=0.01, min_samples=3),
        )
    assert min(samples.latency_seconds) >= 0.001
    assert min(samples.batch_seconds[8]) >= 0.008
    assert samples.noise > 0
    assert samples.load_average is None or samples.load_average >= 0
