"""Attention for short sequences on a CPU, for any model of transformers that lets its attention be chosen.

SDPA has no fast path for training with dropout on a CPU, and for rows as short as these its flash kernel is slower than
two plain products. Here dropout is the module's own, so that a fast one can take its place. On other devices this is
SDPA, with FlashAttention where that can be.

``plain`` is to be read. With fewer passes over the (B, H, L, L) arrays :class:`ShortAttention` computes the same from
the same masks in training, and ``answer`` the same without dropout.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import bidirectional_mask_function, sdpa_mask

from harness.training.dropout import FastDropout, scale_of_kept

NAME = "harness_short"
CACHED_WEIGHTS = 2**20  # of one layer, 2 MiB in bfloat16
VECTOR_WIDTH = 32  # bfloat16 numbers that a processor takes at a time; torch's softmax is slow on rows of other lengths


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


def plain(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, dropout: nn.Module) -> Tensor:
    """Return dropout(softmax(QK^T)) V, (B, H, L, K), for scaled Q."""
    with torch.autocast("cpu", enabled=False):
        similarity = query @ key.transpose(-2, -1)  # (B, H, L, L)
        if mask is not None:
            similarity = similarity.masked_fill(~mask, torch.finfo(similarity.dtype).min)  # (B, H, L, L)
        gathered: Tensor = dropout(similarity.softmax(-1)) @ value  # (B, H, L, K)
    return gathered


class ShortAttention(torch.autograd.Function):
    """``plain`` with its derivative written out, for bfloat16.

    The mask goes into the first product as a summand. Elements are dropped by integer products of their bits with 0 or
    1, and the scale of those kept is multiplied into the values, of which there are fewer.
    """

    @staticmethod
    def forward(
        ctx: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, dropout: FastDropout
    ) -> Tensor:
        """Map (B, H, L, K) of scaled queries, and (B, H, M, K) of keys and values, to (B, H, L, K)."""
        q, k = query.flatten(0, 1), key.flatten(0, 1)  # (BH, L, K), (BH, M, K)
        v = value.flatten(0, 1) * scale_of_kept(dropout.p)  # (BH, M, K)
        weights = _weights(q, k, mask)  # (BH, L, M)
        kept = dropout.source.kept(weights.shape, dropout.p)  # (BH, L, M)
        ctx.save_for_backward(q, k, v, weights, kept)
        ctx.shape, ctx.p = key.shape, dropout.p
        return torch.bmm(_dropped(weights, kept), v).view(query.shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Map the gradient of the result, (B, H, L, K), to those of queries, keys and values."""
        q, k, v, weights, kept = ctx.saved_tensors
        gathered = gradients[0].flatten(0, 1)  # (BH, L, K)
        of_values = torch.bmm(_dropped(weights, kept).transpose(1, 2), gathered) * scale_of_kept(ctx.p)  # (BH, M, K)
        of_weights = torch.bmm(gathered, v.transpose(1, 2))  # (BH, L, M)
        of_weights.view(torch.int16).mul_(kept)
        of_similarity = torch._softmax_backward_data(of_weights, weights, -1, weights.dtype)  # (BH, L, M)
        of_queries = torch.bmm(of_similarity, k)  # (BH, L, K)
        of_keys = torch.bmm(of_similarity.transpose(1, 2), q)  # (BH, M, K)
        return of_queries.view_as(gradients[0]), of_keys.view(ctx.shape), of_values.view(ctx.shape), None, None


def answer(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Return softmax(QK^T) V, (B, H, L, K), for scaled Q and a mask of keys, (B, 1, 1, M), or none.

    As many sequences at a time as leave their weights in the processor's cache; the bits are those of all at once.
    """
    size = max(1, CACHED_WEIGHTS // (query.shape[1] * query.shape[2] * key.shape[2]))
    mask = None if mask is None else mask.expand(len(query), -1, -1, -1)
    gathered = []  # (some BH, L, K)
    for start in range(0, len(query), size):
        q, k, v = (whole[start : start + size].flatten(0, 1) for whole in (query, key, value))
        weights = _weights(q, k, None if mask is None else mask[start : start + size])  # (some BH, L, M)
        gathered.append(torch.bmm(weights, v))
    return torch.cat(gathered).view(query.shape)


def _weights(query: Tensor, key: Tensor, mask: Tensor | None) -> Tensor:
    """Return softmax(QK^T), (BH, L, M), for (BH, L, K), (BH, M, K) and a mask of keys, (B, 1, 1, M)."""
    if mask is None:
        similarity = torch.bmm(query, key.transpose(1, 2))  # (BH, L, M)
    else:
        summand = torch.zeros(mask.shape, dtype=query.dtype).masked_fill_(~mask, torch.finfo(query.dtype).min)
        summand = summand.expand(-1, len(query) // len(mask), -1, -1).flatten(0, 1)  # (BH, 1, M)
        similarity = torch.baddbmm(summand, query, key.transpose(1, 2))  # (BH, L, M)
    is_vectorised = similarity.shape[-1] % VECTOR_WIDTH == 0
    return similarity.softmax(-1, dtype=None if is_vectorised else torch.float32).to(query.dtype)  # (BH, L, M)


def _dropped(weights: Tensor, kept: Tensor) -> Tensor:
    """Return bfloat16 ``weights`` where ``kept`` is 1, and 0.0 where it is 0."""
    return (weights.view(torch.int16) * kept).view(torch.bfloat16)


def short_mask(batch_size: int, q_length: int, *arguments: Any, **options: Any) -> Tensor | None:
    """Return the mask that SDPA takes, as (B, 1, 1, M) where it is the same for all queries."""
    same = options.get("mask_function") is bidirectional_mask_function
    mask: Tensor | None = sdpa_mask(batch_size, 1 if same else q_length, *arguments, **options)
    return mask


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, short_mask)
