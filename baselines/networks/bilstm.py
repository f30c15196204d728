"""A BiLSTM over word pieces: GLUE's own baseline (Wang et al. 2018, section 5), in a smaller width.

Each text is read on its own and becomes the largest value of each feature over its tokens: u, and v for the pair.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from baselines.networks.heads import TextHead, max_over_time, num_logits
from harness.outputs import Extraction, Output


@dataclass(frozen=True, kw_only=True)
class BiLSTMConfig:
    """The size of a BiLSTM; ``width`` counts the features of each direction."""

    vocabulary_size: int
    embedding_width: int
    width: int
    classifier_width: int
    dropout: float


def make_module(config: BiLSTMConfig, output: Output, *, paired: bool) -> nn.Module:
    """Return the module that answers questions of this kind; ``paired`` says whether examples have a second text."""
    if isinstance(output, Extraction):
        return BiLSTMReader(config, output)
    return BiLSTMClassifier(config, output, paired=paired)


class BiLSTMEncoder(nn.Module):
    """From tokens to hidden states that know what stands before and behind them."""

    def __init__(self, config: BiLSTMConfig) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(config.vocabulary_size, config.embedding_width)
        self.dropout = nn.Dropout(config.dropout)
        self.lstm = nn.LSTM(config.embedding_width, config.width, batch_first=True, bidirectional=True)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Map (B, L) to (B, L, 2W). Real tokens come first; packed, the backward direction begins at the last one."""
        embedded = self.dropout(self.embeddings(ids))  # (B, L, E)
        lengths = mask.sum(dim=1).cpu()  # (B,); packing needs them there
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=ids.shape[1])
        return hidden  # (B, L, 2W)


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
        first, second = mask & (types == 0), mask & (types == 1)  # (B, L)
        u = self._vector(ids, first)  # (B, 2W)
        if self.paired:
            second = torch.where(second.any(dim=1, keepdim=True), second, first)  # a text alone is its own pair
            # The pair's tokens follow the text's: rotate each row until they come first.
            start = second.int().argmax(dim=1, keepdim=True)  # (B, 1)
            order = (torch.arange(ids.shape[1], device=ids.device) + start) % ids.shape[1]  # (B, L)
            v = self._vector(ids.gather(1, order), second.gather(1, order))  # (B, 2W)
            u = torch.cat([u, v, (u - v).abs(), u * v], dim=1)  # (B, 8W)
        logits: Tensor = self.head(u)
        return logits

    def _vector(self, ids: Tensor, mask: Tensor) -> Tensor:
        return max_over_time(self.encoder(ids, mask), mask)


class BiLSTMReader(nn.Module):
    """Two logits a token, the answer's start and end, from one reading of question and passage."""

    def __init__(self, config: BiLSTMConfig, output: Extraction) -> None:
        super().__init__()
        self.encoder = BiLSTMEncoder(config)
        self.head = nn.Linear(2 * config.width, num_logits(output))

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Return logits, (B, L, 2). The separator between question and passage stands in for ``types``."""
        logits: Tensor = self.head(self.encoder(ids, mask))
        return logits
