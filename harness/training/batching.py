"""Which sequences go together: batches of like lengths, and padded arrays from flat ones. No torch here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.api.encoding import Encoded

POOL_BATCHES = 50
"""Training batches are cut from pools of this many, each sorted by length (as ``group_by_length`` in transformers)."""


@dataclass(frozen=True, kw_only=True)
class Padded:
    """Some sequences side by side, as the module takes them.

    ``ids``, ``types``: int64 (B, L). ``mask``: bool (B, L), true on real tokens. ``labels``: as in ``Encoded``.
    """

    ids: NDArray[np.int64]
    types: NDArray[np.int64]
    mask: NDArray[np.bool_]
    labels: NDArray[Any] | None


def generator(*key: int) -> np.random.Generator:
    """Return a generator that depends on ``key`` alone."""
    return np.random.default_rng(np.random.SeedSequence(key))


def training_batches(lengths: NDArray[np.int64], *, batch_size: int, seed: int, epoch: int) -> list[NDArray[np.int64]]:
    """Return the batches of one epoch, indices of sequences, in a random order that depends on seed and epoch alone."""
    random = generator(seed, epoch)
    order = random.permutation(len(lengths))
    pool = batch_size * POOL_BATCHES
    pools = [order[start : start + pool] for start in range(0, len(order), pool)]
    by_length = np.concatenate([members[np.argsort(-lengths[members], kind="stable")] for members in pools])
    batches = [by_length[start : start + batch_size] for start in range(0, len(by_length), batch_size)]
    return [batches[i] for i in random.permutation(len(batches))]


def inference_batches(
    lengths: NDArray[np.int64], *, max_tokens: int, max_sequences: int
) -> Iterator[NDArray[np.int64]]:
    """Yield batches of at most so many padded tokens, longest first: memory is short at once or never."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        size = max(1, min(max_sequences, max_tokens // int(lengths[order[start]])))
        yield order[start : start + size]
        start += size


def pad(encoded: Encoded, sequences: NDArray[np.int64], *, pad_id: int, multiple: int = 1) -> Padded:
    """Return the sequences padded to the longest, rounded up to a multiple."""
    lengths = encoded.lengths[sequences]
    width = -(-int(lengths.max()) // multiple) * multiple
    mask = np.arange(width) < lengths[:, None]  # (B, L)
    positions = (encoded.offsets[sequences][:, None] + np.arange(width))[mask]  # (tokens of the batch,)
    ids = np.full(mask.shape, pad_id, dtype=np.int64)
    types = np.zeros(mask.shape, dtype=np.int64)
    ids[mask] = encoded.ids[positions]
    types[mask] = encoded.types[positions]
    return Padded(ids=ids, types=types, mask=mask, labels=None if encoded.labels is None else encoded.labels[sequences])
