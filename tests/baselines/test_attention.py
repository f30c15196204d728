"""Attention for short sequences agrees with the plain formula, in values and gradients."""

import math

import pytest
import torch
from torch import Tensor, nn

from baselines.networks.attention import attend


class Layer(nn.Module):
    def __init__(self, p: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(p)
        self.is_causal = False


def plain(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    similarity = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        similarity = similarity.masked_fill(~mask, -torch.inf)
    return (similarity.softmax(-1) @ value).transpose(1, 2)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("masked", [True, False])
def test_agrees_with_the_formula(training: bool, masked: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    tensors = [torch.randn(3, 2, 5, 4, generator=generator, requires_grad=True) for _ in range(3)]
    mask = (torch.arange(5) < torch.tensor([5, 3, 1])[:, None])[:, None, None, :] if masked else None
    expected = plain(*tensors, mask)
    found, _ = attend(Layer(0.0).train(training), *tensors, mask, scaling=0.5, dropout=0.0)
    torch.testing.assert_close(found, expected)
    gradients = [torch.autograd.grad(result.square().sum(), tensors) for result in (found, expected)]
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_stays_in_bfloat16_and_uses_the_modules_dropout() -> None:
    query, key, value = (torch.ones(1, 1, 64, 4, dtype=torch.bfloat16) for _ in range(3))
    layer = Layer(0.5).train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        dropped, _ = attend(layer, query, key, value, None, scaling=0.5, dropout=0.5)
    assert dropped.dtype == torch.bfloat16
    assert dropped.std() > 0.05
    kept, _ = attend(layer.eval(), query, key, value, None, scaling=0.5, dropout=0.0)
    torch.testing.assert_close(kept, torch.ones_like(kept))
