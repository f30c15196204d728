"""What a dry run shows: the rows, and the time that the run itself would tell."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.api.limits import Limits
from harness.catalog import load_catalog
from harness.plan.estimate import SECONDS_A_MEASUREMENT, Estimator, makespan
from harness.plan.forecast import forecast
from harness.plan.request import Prepared, Request, prepare
from tests.fakes import TOY


def prepared(folder: Path, *models: str, limits: Limits | None = None, seeds: tuple[int, ...] = (0, 1, 2)) -> Prepared:
    request = Request(
        suite=None,
        tasks=("toy",),
        models=models,
        seeds=seeds,
        data="sample",
        limits=limits or Limits(),
        device="cpu",
        out=folder,
        command="",
    )
    return prepare(request, load_catalog((str(TOY),)))


def test_rows_are_told_with_limits_and_without(tmp_path: Path) -> None:
    whole = forecast(prepared(tmp_path, "majority"), num_workers=1)
    assert whole.num_examples == whole.num_held
    limited = forecast(prepared(tmp_path, "majority", limits=Limits(train=5, evaluation=None)), num_workers=1)
    assert limited.num_examples["toy"] == {**whole.num_held["toy"], "train": 5}
    assert limited.num_held == whole.num_held


def test_time_is_that_of_trials_on_their_workers_and_then_of_speed(tmp_path: Path) -> None:
    asked = prepared(tmp_path, "majority", "words")
    estimator = Estimator(asked.run, [])
    trials = [estimator.seconds(trial) for trial in asked.plan.trials]
    for num_workers in (1, 2):
        found = forecast(asked, num_workers=num_workers)
        assert found.seconds == pytest.approx(makespan(trials, num_workers) + 2 * SECONDS_A_MEASUREMENT)
        assert sum(pair.seconds for pair in found.pairs) == pytest.approx(sum(trials))


def test_nothing_to_do_takes_no_time_and_reads_no_row(tmp_path: Path) -> None:
    asked = prepared(tmp_path, "majority")
    found = forecast(replace(asked, plan=replace(asked.plan, trials=())), num_workers=2)
    assert (found.seconds, found.num_held) == (0.0, {})


@pytest.mark.parametrize(
    ("waiting", "running", "expected"),
    [([], [], 0.0), ([2.0, 1.0, 1.0], [], 2.0), ([1.0], [3.0, 0.5], 3.0), ([4.0], [3.0, 0.5], 4.5)],
)
def test_makespan(waiting: list[float], running: list[float], expected: float) -> None:
    assert makespan(waiting, 2, running=running) == expected
