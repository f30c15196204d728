"""What is to be predicted in a window: some tokens that are hidden, or each from those before it."""

import numpy as np
from numpy.typing import NDArray

from harness.api.pretraining import MASK_ID, NUM_SPECIAL

MASKED = 0.15
REPLACED_BY_MASK, REPLACED_AT_RANDOM = 0.8, 0.1
"""Of the tokens that are to be predicted; the rest stay as they are (Devlin et al. 2019, section 3.1)."""
NO_TARGET = -1

Ids = NDArray[np.int64]


def mask_tokens(ids: Ids, random: np.random.Generator, *, vocabulary_size: int) -> tuple[Ids, Ids]:
    """Return ids with some hidden, and the targets, -1 elsewhere, both (B, L); special tokens are none."""
    drawn = random.random(ids.shape, dtype=np.float32)  # (B, L)
    drawn[ids < NUM_SPECIAL] = 1.0
    chosen = drawn < max(MASKED, float(drawn.min()) + 1e-6)  # at least one
    chosen &= ids >= NUM_SPECIAL
    fate = random.random(ids.shape, dtype=np.float32)  # (B, L)
    others = random.integers(NUM_SPECIAL, vocabulary_size, ids.shape)  # (B, L)
    hidden = np.where(chosen & (fate < REPLACED_BY_MASK), MASK_ID, ids)
    replaced = chosen & (fate >= REPLACED_BY_MASK) & (fate < REPLACED_BY_MASK + REPLACED_AT_RANDOM)
    return np.where(replaced, others, hidden), np.where(chosen, ids, NO_TARGET)


def next_tokens(ids: Ids, documents: NDArray[np.int64]) -> Ids:
    """Return each token's successor in its document, (B, L), and -1 for the last one of it in the window."""
    targets = np.full_like(ids, NO_TARGET)
    same = documents[:, 1:] == documents[:, :-1]
    targets[:, :-1] = np.where(same, ids[:, 1:], NO_TARGET)
    return targets
