"""Attention for short sequences on a CPU, for any model of transformers that lets its attention be chosen.

Dropout is the module's own, so that a fast one can take its place. On other devices this is SDPA, with FlashAttention
where that can be.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import bidirectional_mask_function, sdpa_mask

from baselines.networks.short_attention import ShortAttention, answer, plain
from harness.training.dropout import FastDropout

NAME = "harness_short"


def attend(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    """Return softmax(QK^T / sqrt(d_k)) V (Vaswani et al. 2017, eq. 1) as (B, L, H, K), for Q, K, V of (B, H, L, K).

    ``attention_mask``, bool, broadcasts to (B, H, L, L) and is true where a token may be looked at.
    """
    dropout = getattr(module, "dropout", None) or getattr(module, "attention_dropout", None)
    same = attention_mask is None or attention_mask.shape[1:3] == (1, 1)  # for all heads and queries
    is_short = same and query.device.type == "cpu" and query.dtype == torch.bfloat16
    if query.device.type != "cpu" or not isinstance(dropout, nn.Module) or not (module.training or is_short):
        result: tuple[Tensor, None] = sdpa_attention_forward(module, query, key, value, attention_mask, **options)
        return result
    scaling = options.get("scaling")
    query = query * (query.shape[-1] ** -0.5 if scaling is None else scaling)
    if not module.training:
        gathered = answer(query, key, value, attention_mask)  # (B, H, L, K)
    elif is_short and isinstance(dropout, FastDropout):
        gathered = ShortAttention.apply(query, key, value, attention_mask, dropout)  # type: ignore[no-untyped-call]
    else:
        gathered = plain(query, key, value, attention_mask, dropout)  # (B, H, L, K)
    return gathered.transpose(1, 2).contiguous(), None  # (B, L, H, K)


def short_mask(batch_size: int, q_length: int, *arguments: Any, **options: Any) -> Tensor | None:
    """Return the mask that SDPA takes, as (B, 1, 1, M) where it is the same for all queries."""
    same = options.get("mask_function") is bidirectional_mask_function
    mask: Tensor | None = sdpa_mask(batch_size, 1 if same else q_length, *arguments, **options)
    return mask


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, short_mask)
