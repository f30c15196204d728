"""What the logits of a kind of answer mean to torch: :class:`Head`, the base of one class a module of this room."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from harness.api.encoding import Encoded
from harness.api.example import Example, Prediction
from harness.api.output import Output
from harness.api.recipe import Decoding

O_co = TypeVar("O_co", bound=Output, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Explained:
    """What a prediction rests on: the sum of one sequence's logits times ``coefficients``, which have their shape."""

    sequence: int
    towards: str
    """The prediction, in words."""
    coefficients: NDArray[np.float32]


@dataclass(frozen=True)
class Head(ABC, Generic[O_co]):
    """Labels, loss, decoding and attribution for the output of one task.

    Logits are (B, labels) a batch of sequences, or (B, L, 2) where they say how well a span starts and ends at each
    token; of all sequences of an encoding (S, labels), or (T, 2), a row a token.
    """

    output: O_co

    @abstractmethod
    def labels(self, targets: Sequence[Any]) -> NDArray[Any]:
        """Return what is to be learnt from examples with these targets, a row an example."""

    @abstractmethod
    def sequence_losses(self, logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """Return the loss of each sequence, (B,), from float32 logits, labels, and the bool mask of real tokens."""

    def loss(self, logits: Tensor, labels: Tensor, mask: Tensor) -> tuple[Tensor, float]:
        """Return the sum of a batch's losses, a scalar, and how much they weigh: as many as there are sequences."""
        losses = self.sequence_losses(logits.float(), labels, mask)
        return losses.sum(), float(len(losses))

    @abstractmethod
    def decode(
        self, logits: NDArray[np.float32], encoded: Encoded, examples: Sequence[Example], decoding: Decoding
    ) -> list[Prediction]:
        """Return the prediction on each example, in order."""

    @abstractmethod
    def explained(
        self, logits: NDArray[np.float32], encoded: Encoded, examples: Sequence[Example], decoding: Decoding
    ) -> list[Explained]:
        """Return what the prediction on each example rests on, in order."""
