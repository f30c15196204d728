"""What counts of a run: what was asked for last, and nothing that is mixed from two contents of one model."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.store.latest import Newest, read_newest
from harness.store.records import Failure, Result
from harness.store.run import Run
from harness.store.run_info import AskedPair
from tests.fakes.synthetic import Plan, make_info, make_result, make_speed

PLAN = Plan(tasks=("cola",), models=("mine", "other"), suite=None, num_seeds=3)


def result_of(content: str, seed: int, *, created: str, model: str = "mine", limit: int | None = None) -> Result:
    result = make_result(replace(PLAN, limits=(limit, None)), "cola", model, seed)
    record = result.model.model_copy(update={"identity": {**result.model.identity, "checkpoint": content}})
    return result.model_copy(
        update={"key": key_of(content, seed, model), "model": record, "created": created, "scores": {}}
    )


def key_of(content: str, seed: int, model: str = "mine") -> str:
    return f"cola--{model}--seed{seed}--{content}"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Give a run with three seeds of an old content and one of a new one."""
    run = Run(tmp_path)
    run.save_info(make_info(PLAN))
    for seed in range(3):
        run.save(result_of("old", seed, created="2025-01-01"), ())
    run.save(result_of("new", 0, created="2025-01-02"), ())
    return run


def ask(run: Run, content: str, *, seeds: int = 3, model: str = "mine") -> None:
    keys = [key_of(content, seed, model) for seed in range(seeds)]
    asked = [AskedPair(task="cola", model=model, settings=content, keys=keys)]
    run.add_info(make_info(PLAN).model_copy(update={"asked": asked}))


def counted(newest: Newest) -> list[str]:
    return sorted(result.key for result in newest.results)


def test_seeds_of_two_contents_are_not_mixed(run: Run) -> None:
    newest = read_newest(run)
    assert counted(newest) == [key_of("new", 0)]
    assert newest.num_replaced == 3
    assert newest.replaced == {("cola", "mine"): 3}


def test_a_content_that_is_back_has_its_results_again(run: Run) -> None:
    ask(run, "old")
    ask(run, "new")
    assert counted(read_newest(run)) == [key_of("new", 0)]
    ask(run, "old", seeds=2)
    assert counted(read_newest(run)) == [key_of("old", 0), key_of("old", 1)]
    ask(run, "old", seeds=3)
    assert counted(read_newest(run)) == [key_of("old", seed) for seed in range(3)]


def test_limits_that_are_back_have_their_results_again(run: Run) -> None:
    run.save(result_of("limited", 0, created="2025-01-03", limit=10), ())
    ask(run, "limited")
    assert counted(read_newest(run)) == [key_of("limited", 0)]
    ask(run, "new")
    assert counted(read_newest(run)) == [key_of("new", 0)]


def test_data_of_the_model_that_was_asked_for_last_count(run: Run) -> None:
    run.save(result_of("limited", 0, created="2024-01-01", model="other", limit=10), ())
    ask(run, "new")
    ask(run, "limited", model="other")
    assert counted(read_newest(run)) == [key_of("limited", 0, "other")]
    ask(run, "new")
    assert counted(read_newest(run)) == [key_of("new", 0)]


def test_what_was_asked_for_and_is_not_done_is_not_stood_in_for(run: Run) -> None:
    ask(run, "newer")
    assert counted(read_newest(run)) == []
    run.save_failure(failure_of("newer", created="2025-01-03"))
    assert [failure.key for failure in read_newest(run).failures] == [key_of("newer", 0)]
    ask(run, "new")
    assert read_newest(run).failures == ()  # it is of another content


def failure_of(content: str, *, created: str) -> Failure:
    key = key_of(content, 0)
    return Failure(key=key, task="cola", model="mine", seed=0, message="no", traceback="", created=created)


def test_speeds_are_of_the_same_content(run: Run) -> None:
    for content in ("old", "new"):
        speed = make_speed(PLAN, "cola", "mine", 0).model_copy(update={"trial_key": key_of(content, 0)})
        run.save_speed(key_of(content, 0), speed)
    for content in ("old", "new", "old"):
        ask(run, content)
        assert [speed.trial_key for speed in read_newest(run).speeds] == [key_of(content, 0)]
