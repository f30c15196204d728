"""From hidden states to logits: how many of them, and of what, follows from the task's output alone."""

import torch
from torch import Tensor, nn

from harness.api.output import Output
from harness.outputs import kind_of


def max_over_time(hidden: Tensor, mask: Tensor) -> Tensor:
    """Return the largest value of each feature over the real tokens: (B, L, D) and bool (B, L) to (B, D)."""
    return hidden.masked_fill(~mask.unsqueeze(-1), -torch.inf).amax(dim=1)


class TextHead(nn.Module):
    """A logit a label, or the number, from one vector a text: a hidden layer, dropout, and a linear layer."""

    def __init__(self, width: int, hidden_width: int, output: Output, *, dropout: float) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, hidden_width)
        self.logits = nn.Linear(hidden_width, kind_of(output).num_logits)
        self.dropout = nn.Dropout(dropout)

    def forward(self, vector: Tensor) -> Tensor:
        """Map (B, D) to (B, logits)."""
        hidden = torch.tanh(self.hidden(self.dropout(vector)))  # (B, H)
        logits: Tensor = self.logits(self.dropout(hidden))  # (B, logits)
        return logits
