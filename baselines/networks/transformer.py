"""A Transformer encoder, to be read from top to bottom: Vaswani et al. 2017, as BERT (Devlin et al. 2019) builds it.

It computes exactly what ``transformers.BertModel`` does (without its pooler): learned positions, token types, layer
normalisation after each sublayer, exact GELU. A test copies a random ``BertModel``'s weights into it and compares.

Shapes: B sequences, L tokens, D features (``width``), H heads of K = D / H features each.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.networks.heads import TextHead, max_over_time
from baselines.networks.short_attention import attend_within
from harness.api.output import Output
from harness.outputs import kind_of

LAYER_NORM_EPSILON = 1e-12
INITIAL_STD = 0.02


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """The size of an encoder. BERT-base has 12 layers, width 768 and 12 heads."""

    vocabulary_size: int
    max_length: int
    num_layers: int
    width: int
    num_heads: int
    dropout: float = 0.1


class Embeddings(nn.Module):
    """The sum of what a token is, where it stands and which text it belongs to, normalised."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.tokens = nn.Embedding(config.vocabulary_size, config.width)
        self.positions = nn.Embedding(config.max_length, config.width)
        self.types = nn.Embedding(2, config.width)
        self.norm = nn.LayerNorm(config.width, eps=LAYER_NORM_EPSILON)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, ids: Tensor, types: Tensor, positions: Tensor | None = None) -> Tensor:
        """Map token ids, types and positions, each (B, L), to (B, L, D); without positions they count from 0."""
        places = self.positions.weight[: ids.shape[1]] if positions is None else self.positions(positions)  # (.., L, D)
        embedded = self.tokens(ids) + places + self.types(types)  # (B, L, D)
        result: Tensor = self.dropout(self.norm(embedded))  # (B, L, D)
        return result


class MultiHeadSelfAttention(nn.Module):
    """Each token gathers from all tokens what it asks for (Vaswani et al. 2017, section 3.2).

    Attention(Q, K, V) = softmax(Q K^T / sqrt(d_k)) V                      (equation 1)
    MultiHead(X) = Concat(head_1, ..., head_H) W_O,                        (section 3.2.2)
    where head_i = Attention(X W_Q_i, X W_K_i, X W_V_i)

    The heads' projections lie side by side in one matrix: W_Q = [W_Q_1 ... W_Q_H], and so for keys and values.
    """

    def __init__(self, width: int, *, num_heads: int, dropout: float) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map (B, L, D) to (B, L, D); nothing is gathered from tokens where ``mask`` is false.

        It is (B, L), the same for all that gather, or (B, L, L), a row for each token that does.
        """
        if mask.ndim == 3:
            return self._within(x, mask)
        queries = self._split(self.query(x))  # (B, H, L, K)
        keys = self._split(self.key(x))  # (B, H, L, K)
        values = self._split(self.value(x))  # (B, H, L, K)

        similarity = queries @ keys.transpose(-2, -1) / math.sqrt(keys.shape[-1])  # (B, H, L, L)
        # Exactly zero weight on padding, so that the batch a sequence is in cannot change its answer.
        similarity = similarity.masked_fill(~mask[:, None, None, :], -torch.inf)  # (B, H, L, L)
        weights = self.dropout(functional.softmax(similarity, dim=-1))  # (B, H, L, L)

        gathered = (weights @ values).transpose(1, 2).flatten(2)  # (B, H, L, K) -> (B, L, H, K) -> (B, L, D)
        result: Tensor = self.output(gathered)  # (B, L, D)
        return result

    def _within(self, x: Tensor, mask: Tensor) -> Tensor:
        """Compute the same, by kernels that have no need to give the bits above."""
        if torch.is_autocast_enabled(x.device.type):  # once, and not for each of the three
            x = x.to(torch.get_autocast_dtype(x.device.type))
        queries, keys, values = (self._split(linear(x)) for linear in (self.query, self.key, self.value))
        gathered = attend_within(queries, keys, values, mask[:, None], self.dropout).transpose(1, 2).flatten(2)
        result: Tensor = self.output(gathered)  # (B, L, D)
        return result

    def _split(self, x: Tensor) -> Tensor:
        """Give each head its features: (B, L, D) to (B, H, L, K)."""
        batch, length, width = x.shape
        return x.view(batch, length, self.num_heads, width // self.num_heads).transpose(1, 2)


class EncoderLayer(nn.Module):
    """Self-attention, then a feed-forward network on each token; each is added to its input, and the sum normalised."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attention = MultiHeadSelfAttention(config.width, num_heads=config.num_heads, dropout=config.dropout)
        self.attention_norm = nn.LayerNorm(config.width, eps=LAYER_NORM_EPSILON)
        self.expand = nn.Linear(config.width, 4 * config.width)
        self.contract = nn.Linear(4 * config.width, config.width)
        self.feed_forward_norm = nn.LayerNorm(config.width, eps=LAYER_NORM_EPSILON)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map (B, L, D) to (B, L, D)."""
        x = self.attention_norm(x + self.dropout(self.attention(x, mask)))  # (B, L, D)
        expanded = functional.gelu(self.expand(x))  # (B, L, 4D)
        result: Tensor = self.feed_forward_norm(x + self.dropout(self.contract(expanded)))  # (B, L, D)
        return result


class Encoder(nn.Module):
    """Embeddings and a stack of layers: from tokens to one hidden state each."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.embeddings = Embeddings(config)
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.num_layers))
        self.apply(initialize)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor, positions: Tensor | None = None) -> Tensor:
        """Map token ids, types and a bool mask of real tokens, each (B, L), to hidden states, (B, L, D).

        Of documents that are packed into one row, the mask says which token may look at which, (B, L, L), and
        ``positions``, (B, L), where each stands in its own.
        """
        x: Tensor = self.embeddings(ids, types, positions)  # (B, L, D)
        for layer in self.layers:
            x = layer(x, mask)  # (B, L, D)
        return x


class TransformerModel(nn.Module):
    """The encoder with a head: a logit a label or the number from the tokens' maximum, or two logits a token.

    BERT reads a text's answer off its first token. From random weights the maximum over all tokens learns it in fewer
    steps, and better than from their mean, in single-seed trials of the tiny size on the sample.
    """

    def __init__(self, config: TransformerConfig, output: Output) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        self.pools = kind_of(output).logits == "sequence"
        self.head: nn.Module
        if self.pools:
            self.head = TextHead(config.width, config.width, output, dropout=config.dropout)
        else:
            self.head = nn.Linear(config.width, kind_of(output).num_logits)
        self.head.apply(initialize)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Return logits: (B, labels), (B, 1), or for extraction (B, L, 2)."""
        hidden = self.encoder(ids, types, mask)  # (B, L, D)
        logits: Tensor = self.head(max_over_time(hidden, mask) if self.pools else hidden)
        return logits


def initialize(module: nn.Module) -> None:
    """Set one module's weights as BERT does: normal with a standard deviation of 0.02, biases zero."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=INITIAL_STD)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)
