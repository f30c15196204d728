"""A Transformer decoder, to be read from top to bottom: our encoder's parts, before which their input is normalised.

It computes exactly what ``transformers.GPT2LMHeadModel`` does (Radford et al. 2019) with exact GELU: learned positions,
layer normalisation before each sublayer and after the last, logits from the table of tokens. A test copies a random
``GPT2LMHeadModel``'s weights into it and compares logits and loss.

Shapes: B sequences, L tokens, D features (``width``), V tokens of the vocabulary.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.networks.transformer import INITIAL_STD, MultiHeadSelfAttention, TransformerConfig, initialize

LAYER_NORM_EPSILON = 1e-5


class DecoderLayer(nn.Module):
    """Self-attention, then a feed-forward network on each token; each reads the normalised sum and adds to it."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.width, eps=LAYER_NORM_EPSILON)
        self.attention = MultiHeadSelfAttention(config.width, num_heads=config.num_heads, dropout=config.dropout)
        self.feed_forward_norm = nn.LayerNorm(config.width, eps=LAYER_NORM_EPSILON)
        self.expand = nn.Linear(config.width, 4 * config.width)
        self.contract = nn.Linear(4 * config.width, config.width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map (B, L, D) to (B, L, D)."""
        x = x + self.dropout(self.attention(self.attention_norm(x), mask))  # (B, L, D)
        expanded = functional.gelu(self.expand(self.feed_forward_norm(x)))  # (B, L, 4D)
        result: Tensor = x + self.dropout(self.contract(expanded))  # (B, L, D)
        return result


class Decoder(nn.Module):
    """Embeddings and a stack of layers, in which no token looks at a later one."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.tokens = nn.Embedding(config.vocabulary_size, config.width)
        self.positions = nn.Embedding(config.max_length, config.width)
        self.dropout = nn.Dropout(config.dropout)
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.width, eps=LAYER_NORM_EPSILON)
        self.apply(initialize)
        for name, parameter in self.named_parameters():  # what is added to the sum, as often as there are sublayers
            if name.endswith(("attention.output.weight", "contract.weight")):
                nn.init.normal_(parameter, std=INITIAL_STD / math.sqrt(2 * config.num_layers))

    def forward(self, ids: Tensor, mask: Tensor | None = None, positions: Tensor | None = None) -> Tensor:
        """Map token ids, (B, L), to hidden states, (B, L, D).

        Of documents that are packed into one row, ``mask`` says which token may look at which, (B, L, L), none at a
        later one, and ``positions``, (B, L), where each stands in its own.
        """
        places = self.positions.weight[: ids.shape[1]] if positions is None else self.positions(positions)
        x = self.dropout(self.tokens(ids) + places)  # (B, L, D)
        allowed = causal_mask(ids.shape[1], ids.device)[None] if mask is None else mask  # (B or 1, L, L)
        for layer in self.layers:
            x = layer(x, allowed)  # (B, L, D)
        result: Tensor = self.norm(x)  # (B, L, D)
        return result

    def logits(self, hidden: Tensor) -> Tensor:
        """Map hidden states, (..., D), to logits of the next token, (..., V), by the table of tokens."""
        return functional.linear(hidden, self.tokens.weight)


def causal_mask(length: int, device: torch.device) -> Tensor:
    """Return which token, by row, may look at which: at itself and those before it; bool (L, L)."""
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()
