"""Any number of some labels: binary cross-entropy, the labels from a probability of one half, and their logits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special
from torch import Tensor
from torch.nn import functional

from harness.api.encoding import Encoded
from harness.api.example import Example, Prediction
from harness.api.output import MultiLabel
from harness.api.recipe import Decoding
from harness.outputs import kind_of
from harness.outputs.multi_label import THRESHOLD
from harness.training.outputs.head import Explained, Head


class MultiLabelHead(Head[MultiLabel]):
    """See :class:`~harness.training.outputs.head.Head`; logits are (B, labels)."""

    def labels(self, targets: Sequence[Any]) -> NDArray[Any]:
        """Return 1 for each label of an example and 0 for the others, float32 (N, labels)."""
        labels = np.zeros((len(targets), len(self.output.labels)), np.float32)
        for row, members in zip(labels, targets, strict=True):
            row[list(members)] = 1.0
        return labels

    def sequence_losses(self, logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """Return binary cross-entropies, the mean over labels, (B,)."""
        return functional.binary_cross_entropy_with_logits(logits, labels, reduction="none").mean(dim=1)

    def decode(
        self, logits: NDArray[np.float32], encoded: Encoded, examples: Sequence[Example], decoding: Decoding
    ) -> list[Prediction]:
        """Return the labels with a probability of one half or more, with the probability of each."""
        probabilities = special.expit(logits.astype(np.float64))
        return [
            Prediction(value=frozenset(np.flatnonzero(row >= THRESHOLD).tolist()), scores=tuple(row.tolist()))
            for row in probabilities
        ]

    def explained(
        self, logits: NDArray[np.float32], encoded: Encoded, examples: Sequence[Example], decoding: Decoding
    ) -> list[Explained]:
        """Return the sum of the predicted labels' logits; where none is predicted, that of all, turned round."""
        kind, explained = kind_of(self.output), []
        for sequence, prediction in enumerate(self.decode(logits, encoded, examples, decoding)):
            (chosen,) = self.labels([prediction.value])
            coefficients = chosen if chosen.any() else -np.ones_like(chosen)
            explained.append(
                Explained(sequence=sequence, towards=kind.show(prediction.value), coefficients=coefficients)
            )
        return explained
