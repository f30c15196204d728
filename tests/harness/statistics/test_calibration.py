"""Calibration by hand."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from harness.statistics.calibration import Bin, calibrate


def test_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.92, 0.08], [0.35, 0.65], [0.3, 0.7]])
    found = calibrate([probabilities], np.array([0, 1, 1, 1]))
    # 0.9 and 0.92 share the bin (13/15, 14/15], of which one is right; 0.65 and 0.7 have a bin each, both right
    assert found.bins == (
        Bin(confidence=pytest.approx(0.65), accuracy=1.0, count=1),
        Bin(confidence=pytest.approx(0.7), accuracy=1.0, count=1),
        Bin(confidence=pytest.approx(0.91), accuracy=0.5, count=2),
    )
    assert found.error == pytest.approx((0.35 + 0.3 + 2 * 0.41) / 4)
    assert found.brier == pytest.approx(2 * (0.1**2 + 0.92**2 + 0.35**2 + 0.3**2) / 4)
    assert found.num_seeds == 1


def test_brier_is_scikit_learns_over_all_labels() -> None:
    generator = np.random.default_rng(0)
    probabilities, labels = generator.dirichlet([1, 1, 1], 50), generator.integers(0, 3, 50)
    expected = brier_score_loss(labels, probabilities, labels=[0, 1, 2], scale_by_half=False)
    assert calibrate([probabilities], labels).brier == pytest.approx(expected)


def test_seeds_are_averaged_and_their_answers_binned_together() -> None:
    sure, wrong = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    found = calibrate([sure, wrong], np.array([0]))
    assert (found.error, found.brier) == (0.5, 1.0)
    assert found.bins == (Bin(confidence=1.0, accuracy=0.5, count=2),)


def test_probability_at_the_edge_of_a_bin_belongs_to_the_lower_one() -> None:
    (bin_,) = calibrate([np.array([[0.6, 0.4]] * 2 + [[0.6 - 1e-9, 0.4 + 1e-9]])], np.array([0, 0, 0])).bins
    assert bin_.count == 3


def test_bins_are_told_from_their_neighbours_at_both_ends() -> None:
    high = np.array([[1.0, 0.0], [0.93, 0.07]])
    assert [bin_.count for bin_ in calibrate([high], np.array([0, 0])).bins] == [1, 1]
    low = np.full((2, 30), 1 / 40)
    low[0, 0], low[1, 0] = 0.06, 0.13
    found = calibrate([low], np.array([0, 1])).bins
    assert found == (Bin(confidence=0.06, accuracy=1.0, count=1), Bin(confidence=0.13, accuracy=0.0, count=1))
