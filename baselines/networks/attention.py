"""Attention for short sequences on a CPU, for any model of transformers that lets its attention be chosen.

SDPA has no fast path for training with dropout on a CPU, and the plain one computes its softmax in float32 between two
casts. Here all of it stays in the type of the queries, and dropout is the module's own, so that a fast one can take its
place. On other devices this is SDPA, with FlashAttention where that can be.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "harness_short"


def attend(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    """Return softmax(QK^T / sqrt(d_k)) V (Vaswani et al. 2017, eq. 1) as (B, L, H, K), for Q, K, V of (B, H, L, K).

    ``attention_mask``, bool, broadcasts to (B, H, L, L) and is true where a token may be looked at.
    """
    dropout = getattr(module, "dropout", None) or getattr(module, "attention_dropout", None)
    if query.device.type != "cpu" or not module.training or not isinstance(dropout, nn.Module):
        result: tuple[Tensor, None] = sdpa_attention_forward(module, query, key, value, attention_mask, **options)
        return result
    scaling = options.get("scaling")
    with torch.autocast("cpu", enabled=False):
        similarity = (query * (query.shape[-1] ** -0.5 if scaling is None else scaling)) @ key.transpose(-2, -1)
        if attention_mask is not None:
            similarity = similarity.masked_fill(~attention_mask, torch.finfo(similarity.dtype).min)  # (B, H, L, L)
        gathered = dropout(similarity.softmax(-1)) @ value  # (B, H, L, K)
    return gathered.transpose(1, 2).contiguous(), None  # (B, L, H, K)


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, sdpa_mask)
