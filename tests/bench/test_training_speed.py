"""What the fast pieces of training cost, beside the readable ones: ``pytest tests/bench --benchmark-enable -n 0``."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor, nn
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertLayer

from baselines.networks import attention
from baselines.networks.first_token import FirstTokenLayer
from harness.api.encoding import Encoded
from harness.api.recipe import Recipe
from harness.training.batching import pad, training_batches
from harness.training.dropout import FastDropout, MaskSource, use_fast_dropout
from harness.training.linear import bfloat16_copies, cast_weights
from harness.training.loop import make_optimizer
from harness.training.token_table import SelectedRows

HIDDEN = (32 * 56, 384)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def dropped(make: Callable[[], torch.nn.Module]) -> Callable[[], torch.Tensor]:
    module, x = make().train(), torch.ones(HIDDEN, dtype=torch.bfloat16)
    return lambda: module(x)


@pytest.mark.benchmark(group="dropout")
def test_dropout_of_torch(benchmark: BenchmarkFixture) -> None:
    assert benchmark(dropped(lambda: torch.nn.Dropout(0.1))).shape == HIDDEN


@pytest.mark.benchmark(group="dropout")
def test_dropout_of_ours(benchmark: BenchmarkFixture) -> None:
    assert benchmark(dropped(lambda: FastDropout(0.1, MaskSource()))).shape == HIDDEN


def encoded(num_sequences: int) -> Encoded:
    lengths = np.random.default_rng(0).integers(8, 80, num_sequences)
    return Encoded(
        ids=np.ones(lengths.sum(), np.int32),
        types=np.zeros(lengths.sum(), np.int8),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        examples=np.arange(num_sequences, dtype=np.int32),
        labels=np.zeros(num_sequences, np.int64),
    )


@pytest.mark.benchmark(group="batches")
def test_batches_of_an_epoch(benchmark: BenchmarkFixture) -> None:
    lengths = encoded(67_000).lengths
    batches = benchmark(lambda: training_batches(lengths, batch_size=32, seed=0, epoch=0))
    assert sum(map(len, batches)) == 67_000


@pytest.mark.benchmark(group="batches")
def test_padding_a_batch(benchmark: BenchmarkFixture) -> None:
    data = encoded(1_000)
    assert benchmark(lambda: pad(data, np.arange(32), pad_id=0)).mask.any()


def attended(version: Callable[..., Tensor]) -> Callable[[], None]:
    """Return MiniLM's attention over 32 x 56 tokens, some of them padding, forward and backward."""
    query, key, value = (torch.randn(32, 12, 56, 32).bfloat16().requires_grad_() for _ in range(3))
    mask = (torch.arange(56) < torch.arange(25, 57)[:, None])[:, None, None, :]
    dropout = FastDropout(0.1, MaskSource()).train()
    upstream = torch.ones(32, 12, 56, 32, dtype=torch.bfloat16)
    return lambda: version(query, key, value, mask, dropout).backward(upstream)


@pytest.mark.benchmark(group="attention")
def test_attention_to_be_read(benchmark: BenchmarkFixture) -> None:
    benchmark(attended(attention.plain))


@pytest.mark.benchmark(group="attention")
def test_attention_with_its_derivative_written_out(benchmark: BenchmarkFixture) -> None:
    benchmark(attended(attention.ShortAttention.apply))


def last_layer(make: Callable[[nn.Module], nn.Module]) -> Callable[[], None]:
    """Return the last of MiniLM's layers on 32 x 56 tokens, forward and backward."""
    config = BertConfig(hidden_size=384, num_attention_heads=12, intermediate_size=1536)
    config._attn_implementation = attention.NAME
    layer, hidden = make(BertLayer(config)).train(), torch.randn(32, 56, 384, requires_grad=True)
    use_fast_dropout(layer)

    def forward_and_backward() -> None:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states: Tensor = layer(hidden)
        states[:, 0].sum().backward()

    return forward_and_backward


@pytest.mark.benchmark(group="last layer")
def test_the_whole_layer(benchmark: BenchmarkFixture) -> None:
    benchmark(last_layer(lambda layer: layer))


@pytest.mark.benchmark(group="last layer")
def test_the_first_token_of_it(benchmark: BenchmarkFixture) -> None:
    benchmark(last_layer(FirstTokenLayer))


def multiplied(
    layer: nn.Module, leaves: Callable[[], Sequence[Tensor]], refresh: Callable[[], None]
) -> Callable[[], None]:
    """Return MiniLM's widest layer on two parts of a step, 16 x 54 tokens each, forward and backward."""
    parts = [torch.randn(16, 54, 384, requires_grad=True) for _ in range(2)]

    def step() -> None:
        refresh()
        total: Tensor | None = None
        for x in parts:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                result: Tensor = layer(x)
            _, gradient = torch.autograd.grad(result.sum(), [x, *leaves()])
            total = gradient.float() if total is None else total.add_(gradient)

    return step


@pytest.mark.benchmark(group="linear layer, trained")
def test_weights_cast_by_autocast(benchmark: BenchmarkFixture) -> None:
    layer = nn.Linear(384, 1536)
    benchmark(multiplied(layer, lambda: [layer.weight], lambda: None))


@pytest.mark.benchmark(group="linear layer, trained")
def test_weights_cast_once_a_step(benchmark: BenchmarkFixture) -> None:
    module = nn.Sequential(nn.Linear(384, 1536))
    with bfloat16_copies(module, device="cpu", precision="bfloat16") as [(weight, copy), _]:
        benchmark(multiplied(module, lambda: [copy], lambda: copy.data.copy_(weight.data)))


def answered(layer: nn.Module) -> Callable[[], Tensor]:
    """Return MiniLM's widest layer on a batch of answers."""
    x = torch.randn(1536, 384).bfloat16()

    @torch.inference_mode()
    def answer() -> Tensor:
        result: Tensor = layer(x)
        return result

    return answer


@pytest.mark.benchmark(group="linear layer, answering")
def test_weights_as_they_are(benchmark: BenchmarkFixture) -> None:
    assert benchmark(answered(nn.Linear(384, 1536).bfloat16())).shape == (1536, 1536)


@pytest.mark.benchmark(group="linear layer, answering")
def test_weights_packed(benchmark: BenchmarkFixture) -> None:
    module = nn.Sequential(nn.Linear(384, 1536))
    cast_weights(module, "bfloat16")
    assert benchmark(answered(module)).shape == (1536, 1536)


def learnt(make: Callable[[nn.Embedding], nn.Module]) -> Callable[[], None]:
    """Return a step of AdamW on MiniLM's table, of which 32 x 56 rows are read, out of 6,000 that ever are."""
    table = make(nn.Embedding(30_522, 384))
    optimizer = make_optimizer(table, Recipe(), "cpu")
    ids = torch.randint(6_000, (32, 56), generator=torch.Generator().manual_seed(0))

    def step() -> None:
        optimizer.zero_grad()
        table(ids).sum().backward()
        torch.nn.utils.clip_grad_norm_(table.parameters(), 1.0)
        optimizer.step()

    return step


@pytest.mark.benchmark(group="token table")
def test_the_whole_table(benchmark: BenchmarkFixture) -> None:
    benchmark(learnt(lambda table: table))


@pytest.mark.benchmark(group="token table")
def test_the_rows_that_occur(benchmark: BenchmarkFixture) -> None:
    benchmark(learnt(lambda table: SelectedRows(table, torch.arange(6_000))))
