"""Scores made again: a task's own mean over metrics and splits, on resamples that are the task's own."""

from dataclasses import replace

import numpy as np
import pytest

from harness.api.example import Example, Prediction
from harness.metrics.glue import ACCURACY, F1, MATTHEWS
from harness.statistics.bootstrap import resample
from harness.statistics.rescoring import bounds_of, rescore, score_of, scores_of

ROWS = [Example(id=str(i), text="", target=i % 2) for i in range(20)]
EXAMPLES = {"matched": ROWS, "mismatched": ROWS[:9]}
HEADLINE = ("f1", "matthews")
METRICS = (F1, MATTHEWS)


def predictions(wrong: int) -> dict[str, list[Prediction]]:
    """Return predictions of which the first few are wrong in each split."""
    return {
        split: [Prediction(value=(row.target + (i < wrong)) % 2) for i, row in enumerate(rows)]
        for split, rows in EXAMPLES.items()
    }


def test_resamples_are_those_of_the_task_and_the_split() -> None:
    (found,) = rescore("mnli", [ACCURACY], EXAMPLES, [predictions(3)])
    for split, rows in EXAMPLES.items():
        (expected,) = resample([ACCURACY], [predictions(3)[split]], rows, name=f"mnli {split}")
        assert (found[split]["accuracy"] == expected["accuracy"]).all()
    assert found["mismatched"]["accuracy"][0] == pytest.approx(100 * 6 / 9)


def test_a_score_is_the_mean_over_splits_of_the_mean_over_metrics() -> None:
    values = {
        "matched": {"f1": np.array([10.0, 1.0]), "matthews": np.array([20.0, 2.0]), "other": np.array([9.0, 9.0])},
        "mismatched": {"f1": np.array([50.0, 5.0]), "matthews": np.array([100.0, 6.0]), "other": np.array([9.0, 9.0])},
    }
    assert score_of(values, HEADLINE).tolist() == [45.0, 3.5]


def test_bounds_are_those_of_the_metrics() -> None:
    assert bounds_of(METRICS, HEADLINE) == {"f1": (0.0, 100.0), "matthews": (-100.0, 100.0)}
    assert bounds_of(METRICS, ("unknown",)) == {"unknown": (-np.inf, np.inf)}


def test_scores_hold_a_row_a_seed() -> None:
    values = rescore("mnli", METRICS, EXAMPLES, [predictions(3), predictions(1)])
    found = scores_of(METRICS, HEADLINE, values, 29)
    expected = np.stack([score_of(each, HEADLINE) for each in values])
    assert (found.seeds == expected[:, 0]).all()
    assert (found.resampled == expected[:, 1:]).all()
    assert (found.num_examples, found.bounds) == (29, (-50.0, 100.0))


def test_scores_keep_the_direction_of_the_metrics() -> None:
    values = [{"matched": {"f1": np.array([40.0, 41.0, 39.0])}}]
    for metric in (F1, replace(F1, higher_is_better=False)):
        found = scores_of([metric], ("f1",), values, num_examples=20)
        assert found.higher_is_better is metric.higher_is_better
        assert found.goodness == (40.0 if metric.higher_is_better else -40.0)
