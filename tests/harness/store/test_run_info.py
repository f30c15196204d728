"""Several commands in one folder are one run, whether they come one after the other or side by side."""

import threading
from pathlib import Path

import pytest

from harness.errors import RunError
from harness.store.run import Run
from harness.store.run_info import AskedPair, RunInfo, merged
from tests.fakes.synthetic import Plan, make_info


def info_of(task: str, model: str, *, settings: str = "a", seeds: int = 1, **changes: object) -> RunInfo:
    keys = [f"{task}--{model}--seed{seed}--{settings}" for seed in range(seeds)]
    asked = [AskedPair(task=task, model=model, settings=settings, keys=keys)]
    info = make_info(Plan(tasks=(task,), models=(model,), suite=None, num_seeds=seeds))
    own = {"asked": asked, "commands": [f"run --task {task} --model {model}"], "suite_title": info.task_titles[task]}
    return info.model_copy(update=own | changes)


def test_nothing_of_two_requests_is_lost() -> None:
    first, second = info_of("cola", "bag", seeds=3), info_of("rte", "mini", created="2030")
    for together in (merged(first, second), merged(merged(first, second), first)):
        assert set(together.tasks) == {"cola", "rte"}
        assert together.models == ["bag", "mini"]
        assert together.commands == ["run --task cola --model bag", "run --task rte --model mini"]
        assert together.num_seeds == 3
        assert together.created == first.created
        assert {(pair.task, pair.model) for pair in together.asked} == {("cola", "bag"), ("rte", "mini")}
    assert merged(first, first) == first


def test_seeds_add_up_while_the_settings_are_the_same() -> None:
    few, more, other = info_of("cola", "bag"), info_of("cola", "bag", seeds=2), info_of("cola", "bag", settings="b")
    assert merged(more, few).asked == more.asked
    assert merged(few, more).asked == more.asked
    assert merged(more, other).asked == other.asked
    assert merged(merged(more, other), few).asked == few.asked  # as it was asked again


def test_the_pair_that_was_asked_for_last_is_the_last() -> None:
    one, other = info_of("cola", "bag"), info_of("cola", "mini")
    assert [pair.model for pair in merged(merged(one, other), one).asked] == ["mini", "bag"]


def test_a_task_that_is_there_now_is_not_absent() -> None:
    absent, there = info_of("cola", "bag", absent={"cola": "no file"}), info_of("cola", "bag")
    assert merged(absent, there).absent == {}
    assert merged(there, absent).absent == {"cola": "no file"}


def test_requests_side_by_side_lose_nothing(tmp_path: Path) -> None:
    names = [f"model-{number}" for number in range(20)]
    start = threading.Barrier(len(names))

    def ask(name: str) -> None:
        start.wait()
        Run(tmp_path).add_info(info_of(f"task of {name}", name))

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    info = Run(tmp_path).info()
    assert set(info.models) == set(names)
    assert {f"task of {name}" for name in names} == set(info.tasks)
    assert len(info.commands) == len(info.asked) == len(names)


def test_generated_and_real_rows_stay_apart(tmp_path: Path) -> None:
    Run(tmp_path).add_info(info_of("cola", "bag", source="sample"))
    with pytest.raises(RunError, match="come from --data sample; with --data hub"):
        Run(tmp_path).add_info(info_of("cola", "bag", source="hub"))
