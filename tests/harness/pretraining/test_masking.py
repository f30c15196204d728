"""Which tokens are to be predicted, and what stands in their place."""

import numpy as np

from harness.api.pretraining import MASK_ID, NUM_SPECIAL
from harness.pretraining.masking import mask_tokens, next_tokens

IDS = np.random.default_rng(0).integers(NUM_SPECIAL, 1_000, (200, 128))


def test_fifteen_per_cent_of_which_eighty_ten_ten() -> None:
    hidden, targets = mask_tokens(IDS, np.random.default_rng(1), vocabulary_size=1_000)
    chosen = targets >= 0
    assert (targets[chosen] == IDS[chosen]).all()
    assert (hidden[~chosen] == IDS[~chosen]).all()
    np.testing.assert_allclose(chosen.mean(), 0.15, atol=0.01)
    masked, kept = (hidden == MASK_ID)[chosen].mean(), (hidden == IDS)[chosen].mean()
    np.testing.assert_allclose([masked, kept, 1 - masked - kept], [0.8, 0.1, 0.1], atol=0.02)
    assert hidden.min() >= MASK_ID


def test_special_tokens_are_no_targets_and_one_token_is_always() -> None:
    ids = np.array([[2, 77, 3, 2]])
    for seed in range(20):
        hidden, targets = mask_tokens(ids, np.random.default_rng(seed), vocabulary_size=100)
        assert targets.tolist() == [[-1, 77, -1, -1]]
        assert hidden[0, [0, 2, 3]].tolist() == [2, 3, 2]


def test_the_next_token_of_the_same_document() -> None:
    ids, documents = np.array([[2, 7, 8, 3, 2, 9]]), np.array([[1, 1, 1, 1, 2, 2]])
    assert next_tokens(ids, documents).tolist() == [[7, 8, 3, -1, 9, -1]]
