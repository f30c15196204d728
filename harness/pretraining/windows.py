"""Windows of tokens as what is learnt from: cut from the row of all documents, each full, in a new order each epoch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from harness.api.pretraining import START_ID, Objective, PackedBatch, PretrainingNetwork
from harness.pretraining.masking import mask_tokens, next_tokens
from harness.pretraining.token_file import Ids
from harness.training.batching import generator

ORDER, MASKS = 1, 2
"""What a generator is for: each has random numbers of its own."""


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Tokens, (T,), cut into windows of ``length``; those of the last one, which is not full, are left out."""

    ids: Ids
    length: int

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.ids) // self.length

    def take(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return some windows, (B, L)."""
        return np.stack([self.ids[start : start + self.length] for start in indices * self.length]).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class WindowFeed:
    """Windows for an objective; see :class:`harness.training.step.Feed`."""

    windows: Windows
    network: PretrainingNetwork
    objective: Objective
    vocabulary_size: int
    batch_size: int
    seed: int
    device: str

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of tokens of each window, (S,), which takes no memory."""
        return np.broadcast_to(np.int64(self.windows.length), len(self.windows))

    def batches(self, epoch: int) -> Sequence[NDArray[np.int64]]:
        """Return the batches of one epoch."""
        order = generator(self.seed, ORDER, epoch).permutation(len(self.windows))
        return [order[start : start + self.batch_size] for start in range(0, len(order), self.batch_size)]

    def losses(self, part: NDArray[np.int64], *, step: int, number: int) -> tuple[Tensor, float]:
        """Return the sum of the losses of some windows, and the number of tokens predicted."""
        return self.network.losses(self.batch(part, key=(self.seed, MASKS, step, number)))

    def batch(self, part: NDArray[np.int64], *, key: tuple[int, ...]) -> PackedBatch:
        """Return some windows with what is to be predicted in them, which for masked tokens ``key`` decides."""
        ids = self.windows.take(part)  # (B, L)
        documents, positions = places(ids)
        if self.objective == "mlm":
            ids, targets = mask_tokens(ids, generator(*key), vocabulary_size=self.vocabulary_size)
        else:
            targets = next_tokens(ids, documents)
        return PackedBatch(
            ids=self._tensor(ids),
            documents=self._tensor(documents),
            positions=self._tensor(positions),
            targets=self._tensor(targets),
        )

    def _tensor(self, array: NDArray[np.int64]) -> Tensor:
        tensor = torch.from_numpy(array)
        return tensor.pin_memory().to(self.device, non_blocking=True) if self.device == "cuda" else tensor


def places(ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which document of its window each token belongs to, and where it stands in the part that is there.

    A document that goes on from the window before begins at 0, too: none of what came before can be looked at. So each
    part is read as it would be alone.
    """
    starts = ids == START_ID  # (B, L)
    starts[:, 0] = True
    index = np.arange(ids.shape[1])
    begun = np.maximum.accumulate(np.where(starts, index, 0), axis=1)  # (B, L)
    return np.cumsum(starts, axis=1), index - begun
