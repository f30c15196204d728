"""What a pretraining is asked to be: its recipe, all of which is part of its identity."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from harness.api.pretraining import Objective, TokenizerKind
from harness.api.recipe import Optimisation
from harness.errors import UsageError

VERSION = 1
"""Raised with every change of what the same options give."""
MIN_LENGTH = 8


@dataclass(frozen=True, kw_only=True)
class PretrainingOptions:
    """How a model is pretrained; either ``tokens`` to learn from, or ``epochs`` over the corpus."""

    objective: Objective
    tokens: int | None = None
    epochs: float | None = None
    seed: int = 0
    length: int = 128
    batch_size: int = 32
    accumulation_steps: int = 1
    learning_rate: float
    warmup_ratio: float = 0.05
    schedule: Literal["linear", "cosine"] = "cosine"
    weight_decay: float = 0.01
    dropout: float = 0.1
    tokenizer: TokenizerKind
    vocabulary_size: int = 8_000

    def __post_init__(self) -> None:
        if (self.tokens is None) == (self.epochs is None):
            raise UsageError("pretrain: expected either --tokens N or --epochs E: how much to learn from.")
        if self.length < MIN_LENGTH:
            raise UsageError(f"--length {self.length}: expected at least {MIN_LENGTH} tokens.")

    def optimisation(self, num_windows: int) -> Optimisation:
        """Return how weights are found, with so many windows to learn from."""
        steps_an_epoch = math.ceil(num_windows / self.batch_size)
        steps = None if self.tokens is None else max(1, math.ceil(self.tokens / (self.length * self.batch_size)))
        return Optimisation(
            epochs=math.ceil(steps / steps_an_epoch) if steps else self.epochs or 0.0,
            max_steps=steps,
            batch_size=self.batch_size,
            accumulation_steps=self.accumulation_steps,
            learning_rate=self.learning_rate,
            warmup_ratio=self.warmup_ratio,
            weight_decay=self.weight_decay,
            adam_beta2=0.98,
            schedule=self.schedule,
        )

    def identity(self) -> dict[str, Any]:
        """Return all of it as plain JSON values."""
        return {"version": VERSION, **asdict(self)}
