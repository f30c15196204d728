"""What reading token sequences from the cache gains over making them, a passage a question."""

from pathlib import Path

from torch import nn

from baselines.networks.scratch import ScratchNetwork
from harness.api.encoding import Encoded
from harness.api.example import Example
from harness.api.output import Extraction
from harness.api.recipe import Encoding
from harness.training import encoding_cache
from tests.bench.ratios import assert_speedup
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
        encoding=Encoding(max_length=384),
    )


def test_reading_from_the_cache(tmp_path: Path) -> None:
    """70 times."""
    made = network()
    encoding_cache.encode(made, EXAMPLES, folder=tmp_path)

    def tokenised() -> Encoded:
        return made.encode(EXAMPLES)

    def read() -> Encoded:
        return encoding_cache.encode(made, EXAMPLES, folder=tmp_path)

    assert (read().ids == tokenised().ids).all()
    assert_speedup(tokenised, read, least=15.0)
