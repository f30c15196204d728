"""A number: squared error in the data's own unit, and the logit itself."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from harness.api.encoding import Encoded
from harness.api.example import Example, Prediction
from harness.api.output import Regression
from harness.api.recipe import Decoding
from harness.training.outputs.head import Explained, Head


class RegressionHead(Head[Regression]):
    """See :class:`~harness.training.outputs.head.Head`; logits are (B, 1)."""

    def labels(self, targets: Sequence[Any]) -> NDArray[Any]:
        """Return the numbers, float32 (N,)."""
        return np.array(targets, np.float32)

    def sequence_losses(self, logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """Return squared errors, (B,)."""
        return functional.mse_loss(logits.squeeze(-1), labels, reduction="none")

    def decode(
        self, logits: NDArray[np.float32], encoded: Encoded, examples: Sequence[Example], decoding: Decoding
    ) -> list[Prediction]:
        """Return the logit."""
        return [Prediction(value=value) for value in logits[:, 0].tolist()]

    def explained(
        self, logits: NDArray[np.float32], encoded: Encoded, examples: Sequence[Example], decoding: Decoding
    ) -> list[Explained]:
        """Return the number."""
        one = np.ones(1, np.float32)
        return [Explained(sequence=s, towards="a higher number", coefficients=one) for s in range(len(logits))]
