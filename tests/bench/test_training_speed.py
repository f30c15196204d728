"""What the fast pieces of training gain over the readable ones, each at the sizes of MiniLM and on one thread.

What was measured on two shared cores without AMX stands beside each. About half of that gain is asserted, and more of
it where it is small.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertLayer

from baselines.networks import attention
from baselines.networks.first_token import FirstTokenLayer
from harness.api.encoding import Encoded
from harness.api.recipe import Optimisation
from harness.training.batching import Padded, pad, training_batches
from harness.training.dropout import FastDropout, MaskSource, use_fast_dropout
from harness.training.linear import bfloat16_copies, cast_weights
from harness.training.loop import make_optimizer
from harness.training.token_table import SelectedRows
from tests.bench.ratios import assert_speedup


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_dropout() -> None:
    """5.2 times."""

    def dropped(module: nn.Module) -> Callable[[], Tensor]:
        x = torch.ones(32 * 56, 384, dtype=torch.bfloat16)
        return lambda: module.train()(x)

    assert_speedup(dropped(nn.Dropout(0.1)), dropped(FastDropout(0.1, MaskSource())), least=2.5)


def encoded(num_sequences: int) -> Encoded:
    lengths = np.random.default_rng(0).integers(8, 80, num_sequences)
    return Encoded(
        ids=np.ones(lengths.sum(), np.int32),
        types=np.zeros(lengths.sum(), np.int8),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        examples=np.arange(num_sequences, dtype=np.int32),
        labels=np.zeros(num_sequences, np.int64),
    )


def test_batches_of_like_lengths_have_few_tokens_of_padding() -> None:
    """1.7 times fewer tokens, padding included, than batches of random sequences have."""
    lengths = encoded(3_200).lengths
    batches = training_batches(lengths, batch_size=32, seed=0, epoch=0)
    mixed = np.random.default_rng(0).permutation(len(lengths)).reshape(-1, 32)
    num_tokens, num_mixed = (sum(len(b) * int(lengths[b].max()) for b in each) for each in (batches, mixed))
    assert num_mixed / num_tokens > 1.5
    assert num_tokens < 1.05 * lengths.sum()


def pad_one_by_one(data: Encoded, sequences: Sequence[int], *, pad_id: int) -> Padded:
    """Return what ``pad`` does, to be read."""
    width = max(int(data.lengths[index]) for index in sequences)
    ids, types = np.full((len(sequences), width), pad_id), np.zeros((len(sequences), width), np.int64)
    mask = np.zeros((len(sequences), width), bool)
    for row, index in enumerate(sequences):
        tokens = slice(int(data.offsets[index]), int(data.offsets[index + 1]))
        length = tokens.stop - tokens.start
        ids[row, :length], types[row, :length], mask[row, :length] = data.ids[tokens], data.types[tokens], True
    assert data.labels is not None
    return Padded(ids=ids, types=types, mask=mask, labels=data.labels[np.array(sequences)])


def test_padding() -> None:
    """10 times."""
    data, sequences = encoded(1_000), np.arange(256)
    fast, readable = pad(data, sequences, pad_id=0), pad_one_by_one(data, sequences.tolist(), pad_id=0)
    for name in ("ids", "types", "mask", "labels"):
        assert (getattr(fast, name) == getattr(readable, name)).all()
    assert_speedup(
        lambda: pad_one_by_one(data, sequences.tolist(), pad_id=0), lambda: pad(data, sequences, pad_id=0), least=3.0
    )


def test_attention_in_training() -> None:
    """1.5 times."""
    query, key, value = (torch.randn(32, 12, 56, 32).bfloat16().requires_grad_() for _ in range(3))
    mask = (torch.arange(56) < torch.arange(25, 57)[:, None])[:, None, None, :]
    dropout, upstream = FastDropout(0.1, MaskSource()).train(), torch.ones(32, 12, 56, 32, dtype=torch.bfloat16)

    def attended(version: Callable[..., Tensor]) -> Callable[[], None]:
        return lambda: version(query, key, value, mask, dropout).backward(upstream)

    assert_speedup(attended(attention.plain), attended(attention.ShortAttention.apply), least=1.2)


def test_attention_in_predicting() -> None:
    """2.3 times."""
    query, key, value = (torch.randn(32, 12, 128, 32).bfloat16() for _ in range(3))
    mask = (torch.arange(128) < torch.arange(97, 129)[:, None])[:, None, None, :]

    @torch.inference_mode()
    def readable() -> Tensor:
        return attention.plain(query, key, value, mask, nn.Identity())

    @torch.inference_mode()
    def fast() -> Tensor:
        return attention.answer(query, key, value, mask)

    assert_speedup(readable, fast, least=1.1)


def test_the_first_token_of_the_last_layer() -> None:
    """5 times; the other tokens' states are 55 of 56."""

    def last_layer(make: Callable[[nn.Module], nn.Module]) -> Callable[[], None]:
        config = BertConfig(hidden_size=384, num_attention_heads=12, intermediate_size=1536)
        config._attn_implementation = attention.NAME
        layer, hidden = make(BertLayer(config)).train(), torch.randn(8, 56, 384, requires_grad=True)
        use_fast_dropout(layer)

        def forward_and_backward() -> None:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                states: Tensor = layer(hidden)
            states[:, 0].sum().backward()

        return forward_and_backward

    assert_speedup(last_layer(lambda layer: layer), last_layer(FirstTokenLayer), least=2.5)


def test_weights_cast_once_a_step() -> None:
    """1.4 times, with so few tokens that much of the time goes into the casts that are saved."""
    parts = [torch.randn(16, 384, requires_grad=True) for _ in range(8)]

    def multiplied(module: nn.Module, leaf: Tensor, refresh: Callable[[], object]) -> Callable[[], None]:
        def step() -> None:
            refresh()
            total: Tensor | None = None
            for x in parts:
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    result: Tensor = module(x)
                _, gradient = torch.autograd.grad(result.sum(), [x, leaf])
                total = gradient.float() if total is None else total.add_(gradient)

        return step

    by_autocast, module = nn.Linear(384, 1536), nn.Sequential(nn.Linear(384, 1536))
    readable = multiplied(by_autocast, by_autocast.weight, lambda: None)
    with bfloat16_copies(module, device="cpu", precision="bfloat16") as [(weight, copy), _]:
        fast = multiplied(module, copy, lambda: copy.data.copy_(weight.data))
        assert_speedup(readable, fast, least=1.1)


def test_packed_weights() -> None:
    """1.2 times on a batch of predictions; where oneDNN cannot pack them they are as they were."""
    packed = nn.Sequential(nn.Linear(384, 1536))
    cast_weights(packed, "bfloat16")
    x, plain = torch.randn(1536, 384).bfloat16(), nn.Linear(384, 1536).bfloat16()

    def predicted(module: nn.Module) -> Callable[[], Tensor]:
        return torch.inference_mode()(lambda: module(x))

    assert_speedup(predicted(plain), predicted(packed), least=1.05 if type(packed[0]) is not nn.Linear else 0.9)


def test_the_rows_of_a_token_table_that_occur() -> None:
    """7 times, on a table of which 32 x 56 rows are read in a step, out of 6,000 that ever are."""
    ids = torch.randint(6_000, (32, 56), generator=torch.Generator().manual_seed(0))

    def learnt(table: nn.Module) -> Callable[[], None]:
        optimizer = make_optimizer(table, Optimisation(), "cpu")

        def step() -> None:
            optimizer.zero_grad()
            table(ids).sum().backward()
            torch.nn.utils.clip_grad_norm_(table.parameters(), 1.0)
            optimizer.step()

        return step

    table = nn.Embedding(30_522, 384)
    assert_speedup(learnt(table), learnt(SelectedRows(table, torch.arange(6_000))), least=3.0)
