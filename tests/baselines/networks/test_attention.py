"""Attention for short sequences agrees with the plain formula, in values and gradients."""

import math

import pytest
import torch
from torch import Tensor, nn
from transformers.masking_utils import (
    bidirectional_mask_function,
    sdpa_mask,
    sliding_window_bidirectional_mask_function,
)

from baselines.networks import short_attention
from baselines.networks.attention import ShortAttention, answer, attend, plain, short_mask
from harness.training.dropout import FastDropout, MaskSource


class Layer(nn.Module):
    def __init__(self, p: float) -> None:
        super().__init__()
        self.dropout: nn.Module = nn.Dropout(p)
        self.is_causal = False


def formula(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
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
    expected = formula(*tensors, mask)
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


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("length", [5, 32])
def test_the_fast_version_drops_what_the_readable_one_drops(masked: bool, length: int) -> None:
    generator = torch.Generator().manual_seed(0)
    shape = (3, 2, length, 8)
    query, key, value, upstream = (torch.randn(shape, generator=generator).bfloat16() for _ in range(4))
    mask = (torch.arange(length) < torch.tensor([length, 3, 1])[:, None])[:, None, None, :] if masked else None
    found = []
    for version in (ShortAttention.apply, plain):
        source = MaskSource()
        source.seed(1)
        tensors = [tensor.clone().requires_grad_() for tensor in (query, key, value)]
        gathered = version(*tensors, mask, FastDropout(0.25, source).train())
        gathered.backward(upstream)
        found.append([gathered, *(tensor.grad for tensor in tensors)])
    for ours, readable in zip(*found, strict=True):
        assert (ours - readable).norm() < 0.01 * readable.norm()  # bfloat16 has 8 bits


@pytest.mark.parametrize(("dtype", "is_fast"), [(torch.bfloat16, True), (torch.float32, False)])
def test_the_fast_version_is_taken_where_there_is_one(dtype: torch.dtype, is_fast: bool) -> None:
    layer = Layer(0.0).train()
    layer.dropout = FastDropout(0.5, MaskSource())
    query, key, value = (torch.randn(2, 2, 6, 4, dtype=dtype, requires_grad=True) for _ in range(3))
    gathered, _ = attend(layer, query, key, value, None, scaling=1.0, dropout=0.5)
    names, nodes = set(), [gathered.grad_fn]
    while nodes:
        node = nodes.pop()
        if node is not None:
            names.add(type(node).__name__)
            nodes.extend(following for following, _ in node.next_functions)
    assert ("ShortAttentionBackward" in names) == is_fast


def test_a_mask_of_keys_is_not_repeated_for_each_query() -> None:
    padding = torch.arange(5) < torch.tensor([5, 3])[:, None]
    whole = sdpa_mask(2, 5, 5, mask_function=bidirectional_mask_function, attention_mask=padding)
    short = short_mask(2, 5, kv_length=5, mask_function=bidirectional_mask_function, attention_mask=padding)
    assert short is not None
    assert short.shape == (2, 1, 1, 5)
    assert torch.equal(short.expand(whole.shape), whole)
    window = sliding_window_bidirectional_mask_function(1)
    banded = short_mask(2, 5, kv_length=5, mask_function=window, attention_mask=padding)
    assert banded is not None
    assert banded.shape == (2, 1, 5, 5)


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("length", [5, 32])
def test_answers_without_dropout_are_those_of_the_readable_version(masked: bool, length: int) -> None:
    generator = torch.Generator().manual_seed(0)
    query, key, value = (torch.randn(3, 2, length, 8, generator=generator).bfloat16() for _ in range(3))
    mask = (torch.arange(length) < torch.tensor([length, 3, 1])[:, None])[:, None, None, :] if masked else None
    readable = plain(query, key, value, mask, nn.Identity())
    assert (answer(query, key, value, mask) - readable).norm() < 0.01 * readable.norm()  # bfloat16 has 8 bits
    layer = Layer(0.1)
    layer.dropout = FastDropout(0.5, MaskSource())
    found, _ = attend(layer.eval(), query.requires_grad_(), key, value, mask, scaling=1.0, dropout=0.0)
    assert torch.equal(found, answer(query, key, value, mask).transpose(1, 2)), "no dropout, with gradients or without"
    with torch.no_grad():
        drops, _ = attend(layer.train(), query, key, value, mask, scaling=1.0, dropout=0.5)
    assert not torch.equal(drops, found), "it is the mode that decides"


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("length", [5, 32, 40])
def test_answers_to_some_sequences_at_a_time_have_the_bits_of_all_at_once(
    monkeypatch: pytest.MonkeyPatch, masked: bool, length: int
) -> None:
    generator = torch.Generator().manual_seed(0)
    query, key, value = (torch.randn(5, 2, length, 8, generator=generator).bfloat16() for _ in range(3))
    lengths = torch.tensor([length, 3, 1, length, 2])
    mask = (torch.arange(length) < lengths[:, None])[:, None, None, :] if masked else None
    whole = answer(query, key, value, mask)
    for num_sequences in (1, 2):
        monkeypatch.setattr(short_attention, "CACHED_WEIGHTS", num_sequences * 2 * length * length)
        assert torch.equal(answer(query, key, value, mask), whole)


def test_elsewhere_it_is_sdpa(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a GPU takes: SDPA, which picks FlashAttention by itself; ``meta`` stands for any device but the CPU."""
    taken = []
    sdpa = torch.nn.functional.scaled_dot_product_attention
    monkeypatch.setattr(
        torch.nn.functional,
        "scaled_dot_product_attention",
        lambda *tensors, **options: taken.append(options) or sdpa(*tensors, **options),
    )
    query, key, value = (torch.ones(3, 2, 5, 4, dtype=torch.bfloat16, device="meta") for _ in range(3))
    found, _ = attend(Layer(0.1).train(), query, key, value, None, scaling=0.5, dropout=0.1)
    assert found.shape == (3, 5, 2, 4)
    assert taken[0]["attn_mask"] is None, "without padding there is no mask, which FlashAttention would refuse"
    assert taken[0]["dropout_p"] == 0.1
