"""The training loss of each kind of answer, one number a sequence."""

import torch
from torch import Tensor
from torch.nn import functional

from harness.api.output import Classification, Extraction, Output, Regression


def sequence_losses(output: Output, logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
    """Return the loss of each sequence, float32 (B,).

    Classification: cross-entropy. Regression: squared error in the data's own unit. Extraction: the mean of the
    cross-entropies of the start and the end over the real tokens (Devlin et al. 2019, section 4.2).
    """
    logits = logits.float()
    match output:
        case Classification():
            return functional.cross_entropy(logits, labels, reduction="none")
        case Regression():
            return functional.mse_loss(logits.squeeze(-1), labels, reduction="none")
        case Extraction():
            logits = logits.masked_fill(~mask[:, :, None], torch.finfo(torch.float32).min)  # (B, L, 2)
            start = functional.cross_entropy(logits[:, :, 0], labels[:, 0], reduction="none")
            end = functional.cross_entropy(logits[:, :, 1], labels[:, 1], reduction="none")
            return (start + end) / 2
