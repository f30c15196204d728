"""What the fast pieces of training cost, beside the readable ones: ``pytest tests/bench --benchmark-enable -n 0``."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from harness.batching import pad, training_batches
from harness.dropout import FastDropout, MaskSource
from harness.encoding import Encoded

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
