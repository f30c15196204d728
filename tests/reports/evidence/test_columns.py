from pathlib import Path

import numpy as np
import pytest

from harness.errors import RunError
from harness.store.run import Run
from reports.evidence.columns import read_example_columns, read_prediction_columns
from reports.evidence.results import Evidence, read_evidence
from reports.page.error_browser import browser
from tests.fakes.predictions import HOSTILE_TEXT
from tests.fakes.replaced import replace_predictions
from tests.fakes.synthetic import Plan, write_run

PLAN = Plan(
    tasks=("mrpc", "stsb", "mnli", "squad", "squad_v2"),
    models=("majority", "mini", "big"),
    num_questions=30,
    has_speed=False,
    num_steps=0,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("runs") / "run", PLAN)


@pytest.fixture(scope="module")
def evidence(run: Run) -> Evidence:
    (found,) = read_evidence([run])
    return found


@pytest.mark.parametrize(("task", "figure"), [("mrpc", "accuracy"), ("squad", "f1"), ("squad_v2", "f1")])
def test_credit_is_what_the_metric_gives(evidence: Evidence, task: str, figure: str) -> None:
    examples = read_example_columns(evidence, task)
    assert examples is not None
    for label, predictions in read_prediction_columns(evidence, task, examples).items():
        expected = evidence.results[task, label][0].scores["validation"][figure]
        assert 100 * predictions.credit.mean() == pytest.approx(expected)
        assert predictions.seed == 0


def test_credit_of_numbers_falls_with_the_error(evidence: Evidence) -> None:
    examples = read_example_columns(evidence, "stsb")
    assert examples is not None
    predictions = read_prediction_columns(evidence, "stsb", examples)["big"]
    errors = np.abs(np.array(predictions.values) - np.array(examples.targets))
    assert predictions.credit == pytest.approx(1 - np.minimum(errors / 5, 1))
    assert np.isnan(predictions.probabilities).all()


def test_both_splits_are_read_with_tags_and_probabilities(evidence: Evidence) -> None:
    examples = read_example_columns(evidence, "mnli")
    assert examples is not None
    assert set(examples.splits) == {"validation_matched", "validation_mismatched"}
    assert examples.scored.all()
    assert {tag.partition(":")[0] for tags in examples.tags for tag in tags} == {"logic", "knowledge"}
    predictions = read_prediction_columns(evidence, "mnli", examples)["mini"]
    assert len(predictions.values) == len(examples) == 60
    assert (predictions.probabilities > 1 / 3).all()
    assert examples.texts[0] == HOSTILE_TEXT


def test_answers_in_another_order_or_not_all_there(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", Plan(tasks=("mrpc",), models=("mini",), num_seeds=1, num_questions=12))
    (evidence,) = read_evidence([run])
    examples = read_example_columns(evidence, "mrpc")
    assert examples is not None
    before = read_prediction_columns(evidence, "mrpc", examples)["mini"]
    (path,) = run.folder.glob("trials/*/predictions-validation.parquet")
    (result,) = run.results()
    kept = dict(reversed(list(run.predictions(result, "validation").items())[2:]))
    replace_predictions(run, result, "validation", kept)
    (evidence,) = read_evidence([run])
    after = read_prediction_columns(evidence, "mrpc", examples)["mini"]
    assert after.values == (None, None, *before.values[2:])
    assert np.isnan(after.credit[:2]).all()
    assert (after.credit[2:] == before.credit[2:]).all()
    path.write_bytes(b"cut short")
    with pytest.raises(RunError, match="cannot be read"):
        read_prediction_columns(evidence, "mrpc", examples)
    path.unlink()
    assert read_prediction_columns(evidence, "mrpc", examples) == {}


def test_a_run_without_questions_has_none(tmp_path: Path) -> None:
    (evidence,) = read_evidence([write_run(tmp_path / "run", Plan(num_steps=0, has_speed=False))])
    assert read_example_columns(evidence, "cola") is None


def test_a_browser_holds_what_its_budget_allows(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = read_example_columns(evidence, "squad_v2")
    assert examples is not None
    predictions = read_prediction_columns(evidence, "squad_v2", examples)
    whole = browser(examples, predictions, num_tasks=5)
    assert whole.num_kept == whole.num_questions == 30
    monkeypatch.setattr("reports.page.error_browser.TASK_BYTES", 3_000)
    part = browser(examples, predictions, num_tasks=5)
    assert 1 < part.num_kept < 30
    assert part.document["questions"] == whole.document["questions"][: part.num_kept]
    missed = [one.num_missed for one in part.missed]
    assert missed == sorted(missed, reverse=True)
    assert all(sum(len(given.models) for given in one.given) == 3 for one in part.missed)
