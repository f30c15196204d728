"""One of some labels: cross-entropy, the likeliest label, and its logit less the mean of the others'."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from harness.api.encoding import Encoded
from harness.api.example import Example, Prediction
from harness.api.output import Classification
from harness.api.recipe import Decoding
from harness.training.outputs.head import Explained, Head


class ClassificationHead(Head[Classification]):
    """See :class:`~harness.training.outputs.head.Head`; logits are (B, labels)."""

    def labels(self, targets: Sequence[Any]) -> NDArray[Any]:
        """Return the labels' indices, int64 (N,)."""
        return np.array(targets, np.int64)

    def sequence_losses(self, logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """Return cross-entropies, (B,)."""
        return functional.cross_entropy(logits, labels, reduction="none")

    def decode(
        self, logits: NDArray[np.float32], encoded: Encoded, examples: Sequence[Example], decoding: Decoding
    ) -> list[Prediction]:
        """Return the likeliest label, with the softmax of all."""
        exact = logits.astype(np.float64)
        exponentials = np.exp(exact - exact.max(axis=1, keepdims=True))
        probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        return [
            Prediction(value=label, scores=tuple(scores))
            for label, scores in zip(exact.argmax(axis=1).tolist(), probabilities.tolist(), strict=True)
        ]

    def explained(
        self, logits: NDArray[np.float32], encoded: Encoded, examples: Sequence[Example], decoding: Decoding
    ) -> list[Explained]:
        """Return the predicted label's logit less the mean of the others'."""
        names = self.output.labels
        coefficients = np.full_like(logits, -1 / max(1, len(names) - 1))  # (S, labels)
        chosen = logits.argmax(axis=1)
        coefficients[np.arange(len(chosen)), chosen] = 1.0
        return [
            Explained(sequence=sequence, towards=names[label], coefficients=coefficients[sequence])
            for sequence, label in enumerate(chosen.tolist())
        ]
