"""Cross-entropy over a vocabulary, without arrays of (tokens, vocabulary) in float32.

``torch.nn.functional.cross_entropy`` is the version to be read: of bfloat16 logits it makes several float32 arrays,
each far larger than a processor's cache. Here a few rows at a time become their own gradient while they are in it.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

CACHED = 2**18
"""Logits, 1 MiB in float32, that are worked on at a time."""
SMALLEST = 1e-30
"""Where a probability is less, its logarithm is taken from the logits: float32 has hardly smaller numbers."""


def summed_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the sum of the cross-entropies of logits, (N, V), and targets, int64 (N,), a float32 scalar.

    The logits are not to be used any more: on a CPU, where they are bfloat16, their memory holds the gradient.
    """
    if logits.device.type == "cpu" and logits.dtype == torch.bfloat16:
        total: Tensor = _InPlace.apply(logits, targets)  # type: ignore[no-untyped-call]
        return total
    return functional.cross_entropy(logits.float(), targets, reduction="sum")


class _InPlace(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor) -> Tensor:
        """Map (N, V) and (N,) to the sum, and leave softmax minus one-hot in the place of the logits."""
        total = torch.zeros((), dtype=torch.float32)
        size = max(1, CACHED // logits.shape[1])
        for start in range(0, len(logits), size):
            rows, place = logits.detach()[start : start + size], targets[start : start + size, None]  # (R, V), (R, 1)
            probabilities = functional.softmax(rows, dim=-1, dtype=torch.float32)  # (R, V)
            wanted = probabilities.gather(1, place)  # (R, 1)
            is_exact = bool((wanted > SMALLEST).all())
            total -= (wanted.log() if is_exact else _log_probability(rows, place)).sum()
            rows.copy_(probabilities.scatter_(1, place, wanted - 1.0))
        ctx.gradient = logits.detach()
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Map the gradient of the sum to that of the logits."""
        return ctx.gradient.mul_(gradients[0]), None


def _log_probability(rows: Tensor, place: Tensor) -> Tensor:
    return functional.log_softmax(rows, dim=-1, dtype=torch.float32).gather(1, place)
