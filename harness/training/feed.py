"""Examples as what is learnt from: batches of like lengths, padded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from harness.api.encoding import Encoded
from harness.api.network import Network
from harness.training.batching import pad, training_batches
from harness.training.tensors import to_device


@dataclass(frozen=True, kw_only=True)
class ExampleFeed:
    """The token sequences of labelled examples, for the network that made them; see ``Feed`` in :mod:`.step`."""

    network: Network
    encoded: Encoded
    batch_size: int
    seed: int
    device: str

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of tokens of each sequence, (S,)."""
        return self.encoded.lengths

    def batches(self, epoch: int) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch."""
        return training_batches(self.lengths, batch_size=self.batch_size, seed=self.seed, epoch=epoch)

    def losses(self, part: NDArray[np.int64], *, step: int, number: int) -> tuple[Tensor, float]:
        """Return the sum of the network's losses, and their weight."""
        multiple = 8 if self.device == "cuda" else 1
        padded = pad(self.encoded, part, pad_id=self.network.pad_id, multiple=multiple)
        return self.network.losses(to_device(padded, self.device))
