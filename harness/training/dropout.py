"""Dropout for CPUs: masks from a fast generator, and nothing but (seed, step, part of the batch) decides them.

torch draws CPU masks one random number at a time, which takes a good part of a fine-tuning step. Here 64 random bits
(SFC64) decide four elements, by integer comparison; ``tests/bench`` measures both. The readable version is
``torch.nn.Dropout``: the same distribution, with ``p`` rounded to a multiple of 1/65536.
"""

import math
import threading

import numpy as np
import torch
from torch import Tensor, nn

LEVELS = 1 << 16


class MaskSource:
    """Gives masks, one after the other, from a generator that is seeded anew for each part of a step.

    Each thread has a sequence of its own.
    """

    def __init__(self) -> None:
        self._local = threading.local()
        self.seed(0)

    def seed(self, *key: int) -> None:
        """Begin, in this thread, the sequence of masks that ``key`` stands for."""
        self._local.bits = np.random.SFC64(np.random.SeedSequence(key))

    def kept(self, shape: torch.Size, p: float) -> Tensor:
        """Return an int16 tensor of zeros, each with probability ``p``, and else ones."""
        count = math.prod(shape)
        words = self._local.bits.random_raw(-(-count // 4))
        return torch.from_numpy(words.view(np.int16))[:count].view(shape).ge_(round(p * LEVELS) - LEVELS // 2)

    def mask(self, shape: torch.Size, p: float, dtype: torch.dtype) -> Tensor:
        """Return a tensor of zeros, each with probability ``p``, and else ``1 / (1 - p)``."""
        kept = self.kept(shape, p)
        scale = torch.tensor(scale_of_kept(p), dtype=dtype)
        if dtype == torch.bfloat16:  # the bits of 0 times anything are those of 0.0
            return kept.mul_(int(scale.view(torch.int16))).view(torch.bfloat16)
        return kept.to(dtype).mul_(scale)


def scale_of_kept(p: float) -> float:
    """Return ``1 / (1 - p)`` for ``p`` rounded as the masks round it."""
    return LEVELS / (LEVELS - round(p * LEVELS))


class FastDropout(nn.Module):
    """``nn.Dropout`` on a CPU, with masks from a :class:`MaskSource`."""

    def __init__(self, p: float, source: MaskSource) -> None:
        super().__init__()
        self.p = p
        self.source = source

    def forward(self, x: Tensor) -> Tensor:
        """Drop elements of ``x`` in training."""
        if not self.training or self.p == 0.0:
            return x
        return x * self.source.mask(x.shape, self.p, x.dtype)


def use_fast_dropout(module: nn.Module) -> MaskSource:
    """Replace each ``nn.Dropout`` below ``module`` by one that takes its masks from the source that is returned."""
    source = MaskSource()
    for parent in list(module.modules()):
        for name, child in parent.named_children():
            if type(child) is nn.Dropout:
                setattr(parent, name, FastDropout(child.p, source).train(child.training))
    return source
