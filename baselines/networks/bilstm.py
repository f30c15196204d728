"""A BiLSTM over word pieces: GLUE's own baseline (Wang et al. 2018, section 5), in a smaller width.

Each text is read on its own and becomes the largest value of each feature over its tokens: u, and v for the pair.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from baselines.networks.heads import TextHead, max_over_time
from harness.api.output import Output
from harness.outputs import kind_of


@dataclass(frozen=True, kw_only=True)
class BiLSTMConfig:
    """The size of a BiLSTM; ``width`` counts the features of each direction."""

    vocabulary_size: int
    embedding_width: int
    width: int
    classifier_width: int
    dropout: float


def make_module(config: BiLSTMConfig, output: Output, *, paired: bool) -> "BiLSTMClassifier | BiLSTMReader":
    """Return the module that answers questions of this kind; ``paired`` says whether examples have a second text."""
    match kind_of(output).logits:
        case "sequence":
            return BiLSTMClassifier(config, output, paired=paired)
        case "span":
            return BiLSTMReader(config, output)


class BiLSTMEncoder(nn.Module):
    """From tokens to hidden states that know what stands before and behind them."""

    def __init__(self, config: BiLSTMConfig) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(config.vocabulary_size, config.embedding_width)
        self.dropout = nn.Dropout(config.dropout)
        self.forwards = nn.LSTM(config.embedding_width, config.width, batch_first=True)
        self.backwards = nn.LSTM(config.embedding_width, config.width, batch_first=True)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Map (B, L) to (B, L, 2W). Real tokens come first.

        The backward direction reads each row turned round up to its last real token, so both directions meet padding
        only when all else is read. It is what a packed sequence does, in 0.6 of the time on a CPU.
        """
        embedded = self.dropout(self.embeddings(ids))  # (B, L, E)
        lengths, positions = mask.sum(dim=1, keepdim=True), torch.arange(ids.shape[1], device=ids.device)
        turned = ((lengths - 1 - positions) % ids.shape[1]).unsqueeze(-1)  # (B, L, 1); turning twice changes nothing
        ahead, _ = self.forwards(embedded)  # (B, L, W)
        back, _ = self.backwards(embedded.take_along_dim(turned, dim=1))  # (B, L, W)
        return torch.cat([ahead, back.take_along_dim(turned, dim=1)], dim=-1)  # (B, L, 2W)


class BiLSTMClassifier(nn.Module):
    """A logit a label, or the number, from u, or from [u; v; |u - v|; u * v] where there are pairs."""

    def __init__(self, config: BiLSTMConfig, output: Output, *, paired: bool) -> None:
        super().__init__()
        self.paired = paired
        self.encoder = BiLSTMEncoder(config)
        features = 2 * config.width * (4 if paired else 1)
        self.head = TextHead(features, config.classifier_width, output, dropout=config.dropout)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Return logits, (B, labels) or (B, 1)."""
        if not self.paired:
            vector = self._vector(ids, mask)  # (B, 2W)
        else:
            u, v = self._vector(*both_texts(ids, types, mask)).chunk(2)  # (B, 2W) each
            vector = torch.cat([u, v, (u - v).abs(), u * v], dim=1)  # (B, 8W)
        logits: Tensor = self.head(vector)
        return logits

    def _vector(self, ids: Tensor, mask: Tensor) -> Tensor:
        return max_over_time(self.encoder(ids, mask), mask)


def both_texts(ids: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Return ids and mask, (2B, L'), of all texts and then of all pairs; L' is the longest one's length."""
    first, second = mask & (types == 0), mask & (types == 1)  # (B, L)
    second = torch.where(second.any(dim=1, keepdim=True), second, first)  # a text alone is its own pair
    # A pair's tokens follow its text's: rotate the row until they come first.
    start = second.int().argmax(dim=1, keepdim=True)  # (B, 1)
    order = (torch.arange(ids.shape[1], device=ids.device) + start) % ids.shape[1]  # (B, L)
    ids = torch.cat([ids, ids.gather(1, order)])  # (2B, L)
    mask = torch.cat([first, second.gather(1, order)])  # (2B, L)
    longest = int(mask.sum(dim=1).max())
    return ids[:, :longest], mask[:, :longest]


class BiLSTMReader(nn.Module):
    """Two logits a token, the answer's start and end, from one reading of question and passage."""

    def __init__(self, config: BiLSTMConfig, output: Output) -> None:
        super().__init__()
        self.encoder = BiLSTMEncoder(config)
        self.head = nn.Linear(2 * config.width, kind_of(output).num_logits)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Return logits, (B, L, 2). The separator between question and passage stands in for ``types``."""
        logits: Tensor = self.head(self.encoder(ids, mask))
        return logits
