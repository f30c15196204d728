"""A run's files: whole or not there, read back as they were written, and refused in one line where they are not."""

import json
import math
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.api.example import Example, Prediction
from harness.api.model import History
from harness.errors import RunError
from harness.store.predictions import SplitPredictions, read_predictions, write_predictions
from harness.store.records import Result
from harness.store.run import Run
from harness.system.files import write_text
from tests.fakes.synthetic import Plan, make_failure, make_result, make_speed

RESULT = make_result(Plan(num_steps=3), "mrpc", "mini", 0)
RESULT_TEXT = RESULT.model_dump_json(indent=1)
PREDICTIONS = {"a": Prediction(value=1, scores=(0.25, 0.75)), "b": Prediction(value=0)}
SPLITS = [
    SplitPredictions(
        task="mrpc",
        split="validation",
        examples=[Example(id=name, text="") for name in PREDICTIONS],
        predictions=list(PREDICTIONS.values()),
    )
]

HALF_WRITTEN = """
import os, signal, sys
from pathlib import Path
from harness.system.files import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("half of th")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "run")


def unsealed(result: Result) -> Result:
    return result.model_copy(update={"files": None})


def result_path(run: Run) -> Path:
    return run.trial_folder(RESULT.key) / "result.json"


def test_a_process_killed_in_the_middle_leaves_no_result(run: Run) -> None:
    path = result_path(run)
    killed = subprocess.run([sys.executable, "-c", HALF_WRITTEN, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [p.read_text() for p in path.parent.iterdir()] == ["half of th"]  # under its temporary name
    assert not run.is_done(RESULT.key)
    assert run.results() == []
    run.save(RESULT, SPLITS)
    assert [unsealed(result) for result in run.results()] == [RESULT]


SCORES = st.lists(st.floats(allow_nan=False), max_size=3).map(tuple)
VALUES = st.sampled_from([st.integers(-(2**63), 2**63 - 1), st.floats(), st.text()])


@given(data=st.data(), ids=st.lists(st.text(), unique=True, max_size=4), values=VALUES)
def test_predictions_come_back(
    tmp_path_factory: pytest.TempPathFactory, data: Any, ids: list[str], values: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "predictions.parquet"
    written = [Prediction(value=data.draw(values), scores=data.draw(SCORES)) for _ in ids]
    write_predictions(path, ids, written)
    read = read_predictions(path)
    assert list(read) == ids
    assert repr(list(read.values())) == repr(written)  # repr: NaN is NaN, -0.0 is not 0.0, 1 is not 1.0


def test_a_result_comes_back_with_its_predictions(run: Run) -> None:
    run.save_failure(make_failure("mrpc", "mini", 0).model_copy(update={"key": RESULT.key}))
    assert [failure.key for failure in run.failures()] == [RESULT.key]
    run.save(RESULT, SPLITS)
    assert run.failures() == []
    result = run.result(RESULT.key)
    assert unsealed(result) == RESULT
    assert list(result.files or ()) == ["predictions-validation.parquet"]
    assert list(run.predictions(result, "validation").items()) == list(PREDICTIONS.items())


@pytest.mark.parametrize(("created", "counts"), [("2020-01-01T00:00:00+00:00", False), ("2999-01-01", True)])
def test_a_failure_under_another_key_counts_until_a_later_result(run: Run, created: str, counts: bool) -> None:
    failure = make_failure("mrpc", "mini", 0)
    run.save_failure(failure.model_copy(update={"key": "mrpc--mini--seed0--aaaaaaaaaaaa", "created": created}))
    run.save(RESULT.model_copy(update={"key": "mrpc--mini-too--seed0--bbbbbbbbbbbb"}), {})
    assert len(run.failures()) == 1, "the result is of another model"
    run.save(RESULT.model_copy(update={"key": "mrpc--mini--seed0--bbbbbbbbbbbb"}), {})
    assert bool(run.failures()) == counts


def test_a_failure_after_a_result_is_not_counted(run: Run) -> None:
    run.save(RESULT, ())
    run.save_failure(make_failure("mrpc", "mini", 0).model_copy(update={"key": RESULT.key}))
    assert run.failures() == []


def test_speeds_come_back_with_batch_sizes_as_numbers(run: Run) -> None:
    speed = make_speed(Plan(), "mrpc", "mini", 0)
    run.save_speed("pair", speed)
    assert run.speeds() == [speed]
    assert run.speeds()[0].examples_per_second.keys() == speed.batch_seconds.keys()


def test_numbers_that_are_none_come_back() -> None:
    result = RESULT.model_copy(update={"history": History(losses=(0.5, math.nan, math.inf), epochs=1.0)})
    text = result.model_dump_json()
    json.loads(text, parse_constant=pytest.fail)  # strict JSON, for readers other than ours
    assert repr(Result.model_validate_json(text)) == repr(result)


def test_a_history_is_recorded_without_earlier_calls_and_as_plain_values() -> None:
    given = History(losses=[np.float64(0.5)], epochs=1.0, seconds_before=3.0, borrowed_before=2.0)  # type: ignore[arg-type]
    result = Result(**{**dict(RESULT), "history": given})
    recorded = json.loads(result.model_dump_json())["history"]
    assert list(recorded) == [
        "losses",
        "learning_rates",
        "evaluations",
        "epochs",
        "notes",
        "precision",
        "core_seconds",
        "flops_per_example",
        "evaluation_seconds",
    ]
    assert Result.model_validate_json(result.model_dump_json()).history == replace(given, losses=(0.5,), **EARLIER)
    with pytest.raises(ValidationError, match="energy"):
        Result(**{**dict(RESULT), "history": {**recorded, "energy": 3.0}})


EARLIER = {"seconds_before": 0.0, "borrowed_before": 0.0}


@given(st.integers(0, len(RESULT_TEXT) - 1))
def test_a_result_cut_short_is_one_clear_error(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    run = Run(tmp_path_factory.getbasetemp() / "cut")
    write_text(result_path(run), RESULT_TEXT[:length])
    check_refused(run, "the file")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"schema_version": 2}, "schema_version: Input should be 1"),
        ({"energy_joules": 3.0}, "energy_joules: Extra inputs are not permitted"),
        ({"score": "high"}, "score: Input should be a valid number"),
        ({"timings": {}}, "timings.load_seconds: Field required"),
        ({"key": "../elsewhere"}, "key: String should match pattern"),
        ({"key": "a\0b"}, "key: String should match pattern"),
        ({"headline": ["accuracy", "f2"]}, "the file: Value error, scores of 'validation' have no 'f2'"),
    ],
)
def test_a_result_of_another_version_is_one_clear_error(run: Run, change: dict[str, Any], where: str) -> None:
    write_text(result_path(run), json.dumps(json.loads(RESULT_TEXT) | change))
    check_refused(run, where)


def check_refused(run: Run, where: str) -> None:
    with pytest.raises(RunError) as error:
        run.results()
    message = str(error.value)
    assert message.startswith(f"{result_path(run)}: {where}")
    assert "Expected a Result of schema 1" in message
    assert "\n" not in message


def test_predictions_that_cannot_be_read(run: Run) -> None:
    with pytest.raises(RunError, match=r"predictions-validation\.parquet: cannot be read"):
        run.predictions(RESULT, "validation")
    run.save(RESULT, SPLITS)
    path = run.predictions_path(RESULT.key, "validation")
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(RunError, match="magic bytes not found in footer"):
        run.predictions(RESULT, "validation")


@pytest.mark.parametrize("name", ["empty", "missing", "file"])
def test_a_folder_that_is_no_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="not a run; expected a folder made by"):
        Run.open(tmp_path / name)


def test_results_are_ordered_by_key(run: Run) -> None:
    made: list[Result] = [make_result(Plan(), "mrpc", "mini", seed) for seed in (2, 0, 1)]
    for result in made:
        run.save(result, ())
    assert [result.seed for result in run.results()] == [0, 1, 2]
