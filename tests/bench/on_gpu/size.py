"""How much is done: what is measured on a GPU in five minutes, and a small version that says only that all of it works.

No torch here: plugin files and the command read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.api.limits import Limits


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """The size of a Transformer encoder, ours or BERT's."""

    num_layers: int
    width: int
    num_heads: int
    vocabulary_size: int


@dataclass(frozen=True, kw_only=True)
class Size:
    """What each section does. ``encoders`` are made as checkpoints of random weights, by name."""

    encoders: Mapping[str, Encoder]
    against: Limits
    against_tasks: tuple[str, ...]
    against_epochs: float
    sameness: Limits
    sharing: Limits
    sharing_tasks: tuple[str, ...]
    sharing_seeds: int
    suite: Limits
    suite_tasks: tuple[str, ...]
    suite_seeds: int
    pretraining_model: str
    pretraining_batch_size: int
    pretraining_steps: int


SIZES = {
    "full": Size(
        encoders={
            "base": Encoder(num_layers=12, width=768, num_heads=12, vocabulary_size=30_522),
            "small": Encoder(num_layers=4, width=512, num_heads=8, vocabulary_size=8_000),
            "tiny": Encoder(num_layers=2, width=128, num_heads=2, vocabulary_size=8_000),
        },
        against=Limits(train=8_000),
        against_tasks=("mrpc", "sst2"),
        against_epochs=2.0,
        sameness=Limits(train=400, evaluation=400),
        sharing=Limits(train=1_500, evaluation=800),
        sharing_tasks=("mrpc", "sst2"),
        sharing_seeds=4,
        suite=Limits(),
        suite_tasks=("sst2", "mrpc", "rte"),
        suite_seeds=3,
        pretraining_model="transformer-small",
        pretraining_batch_size=128,
        pretraining_steps=40,
    ),
    "small": Size(
        encoders={
            "base": Encoder(num_layers=2, width=32, num_heads=2, vocabulary_size=500),
            "small": Encoder(num_layers=1, width=32, num_heads=2, vocabulary_size=500),
            "tiny": Encoder(num_layers=1, width=16, num_heads=2, vocabulary_size=500),
        },
        against=Limits(train=32, evaluation=32),
        against_tasks=("sst2",),
        against_epochs=2.0,
        sameness=Limits(train=96, evaluation=16),
        sharing=Limits(train=32, evaluation=16),
        sharing_tasks=("sst2",),
        sharing_seeds=2,
        suite=Limits(train=32, evaluation=32),
        suite_tasks=("sst2", "cola"),
        suite_seeds=2,
        pretraining_model="transformer-tiny",
        pretraining_batch_size=4,
        pretraining_steps=2,
    ),
}

NUM_WORKERS = (1, 2, 4)
"""Trials at a time on the one device."""
