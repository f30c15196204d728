"""What is left over is removed, and nothing that somebody is at work on."""

from pathlib import Path

import pytest

from harness.store.records import Result
from harness.store.run import Run
from harness.store.run_info import AskedPair
from harness.store.upkeep import drop_weights, reason_to_drop, tidy
from harness.system.files import replacing
from harness.system.locks import claim
from tests.fakes.synthetic import Plan, make_failure, make_info, make_result, make_speed

RESULT = make_result(Plan(num_steps=3), "mrpc", "mini", 0)
FAILURE = make_failure("mrpc", "mini", 0).model_copy(update={"key": RESULT.key})


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "run")


def test_a_failure_goes_once_it_is_made_good(run: Run) -> None:
    run.save_failure(FAILURE)
    assert tidy(run) == []
    run.save(RESULT, ())
    run.save_failure(FAILURE)  # as where a process is killed before it could remove it
    with claim(run.claim_path(RESULT.key)):
        assert tidy(run) == [], "somebody works at the trial"
    (removed,) = tidy(run)
    assert removed.name == "failure.json"
    assert not removed.exists()
    assert run.is_done(RESULT.key)


def test_a_failed_measurement_stands_until_it_is_made(run: Run) -> None:
    run.save(RESULT, ())
    run.save_failure(FAILURE.model_copy(update={"kind": "speed"}))
    assert reason_to_drop(run, RESULT.key) == ""
    speed = make_speed(Plan(), "mrpc", "mini", 0)
    run.save_speed(RESULT.key, speed.model_copy(update={"trial_key": RESULT.key}))
    run.save_failure(FAILURE.model_copy(update={"kind": "speed"}))
    assert len(tidy(run)) == 1


def test_a_damaged_failure_goes(run: Run) -> None:
    run.save_failure(FAILURE)
    path = run.trial_folder(RESULT.key) / "failure.json"
    path.write_bytes(path.read_bytes().replace(b"seed", b"sead"))
    assert tidy(run) == [path]


def test_halves_of_files_go_and_what_is_being_written_stays(run: Run) -> None:
    left = run.trial_folder(RESULT.key) / ".left.tmp"
    left.parent.mkdir(parents=True)
    left.write_text("half of th")
    with replacing(run.info_path) as temporary:
        assert tidy(run) == [left]
        assert temporary.exists()
    assert not left.exists()


def test_weights_go_once_no_trial_begins_with_them(run: Run) -> None:
    other = make_result(Plan(num_steps=3), "rte", "mini", 0)
    asked = [AskedPair(task=r.task, model="mini", settings="", keys=[r.key]) for r in (RESULT, other)]
    run.save_info(make_info(Plan()).model_copy(update={"asked": asked}))
    path = run.weights_path(RESULT.key)
    path.parent.mkdir(parents=True)
    path.write_text("weights")

    def measure(result: Result) -> None:
        speed = make_speed(Plan(), result.task, "mini", 0)
        run.save_speed(result.key, speed.model_copy(update={"trial_key": result.key}))

    for act in (lambda: run.save(RESULT, ()), lambda: measure(RESULT), lambda: run.save(other, ())):
        act()
        drop_weights(run)
        assert path.exists()
    measure(other)
    with claim(run.claim_path(RESULT.key)):
        drop_weights(run)
        assert path.exists(), "somebody works at the trial"
    drop_weights(run)
    assert not path.exists()
