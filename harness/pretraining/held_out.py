"""The part of a corpus that is not learnt from: what the loss on it is, in nats a token and in bits a byte."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from harness.pretraining.windows import WindowFeed
from harness.system.cores import Cores
from harness.training.tensors import autocast

EVERY = 50
"""One document of so many is held out; the last one of fewer."""
MAX_TOKENS = 100_000
"""That are looked at, from the first on."""
BATCH_WINDOWS = 16
MASKS = 3


def is_held_out(number: int, num_documents: int) -> bool:
    """Return whether a document of a corpus, counted from 0, is."""
    return number % EVERY == EVERY - 1 or (num_documents < EVERY and number == num_documents - 1)


def part_of(documents: Iterable[str], num_documents: int, *, held_out: bool) -> Iterator[str]:
    """Yield the documents that are held out, or the others."""
    return (text for number, text in enumerate(documents) if is_held_out(number, num_documents) == held_out)


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Windows of held-out text, with how many tokens stand for a byte of it."""

    feed: WindowFeed
    tokens_a_byte: float
    precision: str
    cores: Cores

    @property
    def num_tokens(self) -> int:
        """How many tokens are looked at."""
        return min(MAX_TOKENS, len(self.feed.windows.ids))

    def loss(self) -> float:
        """Return the mean loss of a predicted token, in nats; of masked ones always of the same.

        The module is in evaluation.
        """
        windows = replace(self.feed.windows, length=min(self.feed.windows.length, len(self.feed.windows.ids)))
        feed = replace(self.feed, windows=windows)
        indices = np.arange(max(1, self.num_tokens // windows.length))
        batches = list(enumerate(np.split(indices, range(BATCH_WINDOWS, len(indices), BATCH_WINDOWS))))
        found = list(self.cores.map(lambda batch: self._losses(feed, *batch), batches))
        return sum(total for total, _ in found) / sum(weight for _, weight in found)

    def _losses(self, feed: WindowFeed, number: int, indices: NDArray[np.int64]) -> tuple[float, float]:
        with torch.no_grad(), autocast(feed.device, self.precision):  # both hold in this thread alone
            total, weight = feed.network.losses(feed.batch(indices, key=(MASKS, number)))
        return float(total), weight

    def bits_per_byte(self, loss: float) -> float:
        """Return a loss in bits a byte of text: what a token costs, times the tokens of a byte."""
        return loss / math.log(2) * self.tokens_a_byte
