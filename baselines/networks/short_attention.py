"""Attention for rows as short as these on a CPU, whoever's the model is.

SDPA has no fast path for training with dropout on a CPU, and for such rows its flash kernel is slower than two plain
products. ``plain`` is to be read. With fewer passes over the (B, H, L, L) arrays :class:`ShortAttention` computes the
same from the same masks in training, and ``answer`` the same without dropout.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from harness.training.dropout import FastDropout, scale_of_kept

CACHED_WEIGHTS = 2**20  # of one layer, 2 MiB in bfloat16
VECTOR_WIDTH = 32  # bfloat16 numbers that a processor takes at a time; torch's softmax is slow on rows of other lengths


def attend_within(query: Tensor, key: Tensor, value: Tensor, mask: Tensor, dropout: nn.Module) -> Tensor:
    """Return softmax(QK^T / sqrt(d_k)) V, (B, H, L, K), for Q, K, V of (B, H, L, K).

    ``mask``, bool (B, 1, L, L), is true where the token of a row may look at that of a column; every one at some.
    """
    if query.device.type != "cpu":
        p = float(dropout.p) if dropout.training else 0.0  # type: ignore[arg-type]
        return functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=p)
    query = query * query.shape[-1] ** -0.5
    if query.dtype == torch.bfloat16 and dropout.training and isinstance(dropout, FastDropout):
        gathered: Tensor = ShortAttention.apply(query, key, value, mask, dropout)  # type: ignore[no-untyped-call]
    else:
        gathered = plain(query, key, value, mask, dropout)
    return gathered


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
        kept = dropout.source.kept(weights.shape, dropout.p) if dropout.p else None  # (BH, L, M)
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
        if kept is not None:
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
    """Return softmax(QK^T), (BH, L, M), for (BH, L, K), (BH, M, K) and a mask, (B, 1, 1 or L, M)."""
    if mask is None:
        similarity = torch.bmm(query, key.transpose(1, 2))  # (BH, L, M)
    else:
        summand = torch.zeros(mask.shape, dtype=query.dtype).masked_fill_(~mask, torch.finfo(query.dtype).min)
        summand = summand.expand(-1, len(query) // len(mask), -1, -1).flatten(0, 1)  # (BH, 1 or L, M)
        similarity = torch.baddbmm(summand, query, key.transpose(1, 2))  # (BH, L, M)
    is_vectorised = similarity.shape[-1] % VECTOR_WIDTH == 0
    return similarity.softmax(-1, dtype=None if is_vectorised else torch.float32).to(query.dtype)  # (BH, L, M)


def _dropped(weights: Tensor, kept: Tensor | None) -> Tensor:
    """Return bfloat16 ``weights`` where ``kept`` is 1, and 0.0 where it is 0; all of them where nothing is dropped."""
    return weights if kept is None else (weights.view(torch.int16) * kept).view(torch.bfloat16)
