"""A GPT in the loop that people write: nanoGPT's, with PyTorch's own layers, kernels and autocast, and no more.

It has the sizes of our decoder, learns from windows of the same length, and takes the same optimizer steps.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The sizes of a model and of a step."""

    num_layers: int
    width: int
    num_heads: int
    vocabulary_size: int = 8_000
    length: int = 128
    batch_size: int = 16
    dropout: float = 0.0
    layers: Literal["fused", "pytorch"] = "fused"
    """Blocks of our own that call PyTorch's fused attention, as nanoGPT's; or ``nn.TransformerEncoder``."""


class Attention(nn.Module):
    """Causal self-attention by one product for queries, keys and values, and PyTorch's fused kernel."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.joined = nn.Linear(shape.width, 3 * shape.width)
        self.output = nn.Linear(shape.width, shape.width)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        heads = (
            part.view(batch, length, self.shape.num_heads, -1).transpose(1, 2) for part in self.joined(x).chunk(3, 2)
        )
        p = self.shape.dropout if self.training else 0.0
        gathered = functional.scaled_dot_product_attention(*heads, is_causal=True, dropout_p=p)
        result: Tensor = self.dropout(self.output(gathered.transpose(1, 2).reshape(batch, length, width)))
        return result


class Block(nn.Module):
    """Attention and a feed-forward network, each normalised before."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention_norm, self.attention = nn.LayerNorm(shape.width), Attention(shape)
        self.norm = nn.LayerNorm(shape.width)
        self.expand, self.contract = nn.Linear(shape.width, 4 * shape.width), nn.Linear(4 * shape.width, shape.width)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.attention_norm(x))
        result: Tensor = x + self.dropout(self.contract(functional.gelu(self.expand(self.norm(x)))))
        return result


def _blocks(shape: Shape) -> Iterator[Block]:
    return (Block(shape) for _ in range(shape.num_layers))


class PyTorchBlocks(nn.Module):
    """``nn.TransformerEncoder`` with a causal mask."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        sizes = (shape.width, shape.num_heads, 4 * shape.width, shape.dropout)
        layer = nn.TransformerEncoderLayer(*sizes, activation="gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, shape.num_layers, enable_nested_tensor=False)

    def forward(self, x: Tensor) -> Tensor:
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], device=x.device)
        result: Tensor = self.encoder(x, mask=mask, is_causal=True)
        return result


class GPT(nn.Module):
    """Blocks, and logits by the table of tokens."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.tokens = nn.Embedding(shape.vocabulary_size, shape.width)
        self.positions = nn.Embedding(shape.length, shape.width)
        self.blocks = PyTorchBlocks(shape) if shape.layers == "pytorch" else nn.Sequential(*_blocks(shape))
        self.norm = nn.LayerNorm(shape.width)
        self.head = nn.Linear(shape.width, shape.vocabulary_size, bias=False)
        self.head.weight = self.tokens.weight
        self.dropout = nn.Dropout(shape.dropout)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, ids: Tensor, targets: Tensor) -> Tensor:
        x = self.dropout(self.tokens(ids) + self.positions.weight[: ids.shape[1]])
        logits = self.head(self.norm(self.blocks(x)))
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def make_step(shape: Shape, ids: NDArray[np.uint16], *, device: str, precision: str) -> Callable[[], Tensor]:
    """Return a function that takes one optimizer step on windows at random places, and returns the loss."""
    torch.manual_seed(0)
    model = GPT(shape).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01, fused=True)
    autocast = torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16")

    def windows(starts: Tensor) -> Tensor:
        rows = [torch.from_numpy(ids[start : start + shape.length].astype(np.int64)) for start in starts.tolist()]
        return torch.stack(rows).to(device)

    def step() -> Tensor:
        starts = torch.randint(len(ids) - shape.length - 1, (shape.batch_size,))
        with autocast:
            loss: Tensor = model(windows(starts), windows(starts + 1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.detach()

    return step
