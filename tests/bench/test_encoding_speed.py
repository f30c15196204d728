"""Token sequences made and read back, a passage a question: ``pytest tests/bench --benchmark-enable -n 0``."""

from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from torch import nn

from baselines.networks.scratch import ScratchNetwork
from harness.api.example import Example
from harness.api.output import Extraction
from harness.api.recipe import Recipe
from harness.training import encoding_cache
from tests.fakes.checkpoints import TEXT, wordpiece_tokenizer

EXAMPLES = [
    Example(id=str(i), text=f"who wrote {i}?", pair=" ".join([str(i // 5), *TEXT, *TEXT, *TEXT]), target=())
    for i in range(encoding_cache.MIN_EXAMPLES)
]


def network() -> ScratchNetwork:
    output = Extraction(unanswerable=True)
    return ScratchNetwork(
        module=nn.Identity(),
        token_table=nn.Identity(),
        tokenizer=wordpiece_tokenizer(),
        output=output,
        recipe=Recipe(max_length=384),
    )


@pytest.mark.benchmark(group="token sequences")
def test_tokenising(benchmark: BenchmarkFixture) -> None:
    made = network()
    assert len(benchmark(lambda: made.encode(EXAMPLES))) >= len(EXAMPLES)


@pytest.mark.benchmark(group="token sequences")
def test_reading_them_from_the_cache(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    made = network()
    encoding_cache.encode(made, EXAMPLES, folder=tmp_path)
    read = benchmark(lambda: encoding_cache.encode(made, EXAMPLES, folder=tmp_path))
    assert len(read) >= len(EXAMPLES)
