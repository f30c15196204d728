"""What is written down of a pretraining, in ``pretraining.json`` of its folder: what it was, and what it cost.

No torch here: a run and a report read it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harness.api.pretraining import Objective, PretrainingCost
from harness.errors import UsageError, first_mistake

NAME = "pretraining.json"
SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """The loss on held-out text after so many steps, in nats a predicted token, and the same in bits a byte."""

    step: int
    loss: float
    bits_per_byte: float


@dataclass(frozen=True, kw_only=True)
class PretrainingRecord:
    """A finished pretraining.

    ``identity`` is all that its weights follow from. ``tokens`` were learnt from, each as often as it came;
    ``corpus_tokens`` are there, and ``held_out_tokens`` besides. ``flops`` are those of matrix products, forward and
    backward; ``None`` where they could not be counted. ``joules`` are ``None`` where the machine does not tell.
    """

    schema: int = SCHEMA
    model: str
    objective: Objective
    corpus: str
    identity: Mapping[str, Any]
    documents: int
    corpus_tokens: int
    held_out_tokens: int
    vocabulary_size: int
    num_parameters: int
    steps: int
    tokens: int
    losses: tuple[float, ...]
    evaluations: tuple[Evaluated, ...]
    precision: str
    device: str
    seconds: float
    flops: float | None
    peak_fraction: float | None
    joules: float | None
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str]

    @property
    def held_out(self) -> Evaluated:
        """The last evaluation."""
        return self.evaluations[-1]

    @property
    def tokens_per_second(self) -> float:
        """Over the whole training, checkpoints and evaluations included."""
        return self.tokens / self.seconds

    def cost(self) -> PretrainingCost:
        """Return what a report sets beside the scores of the model."""
        return PretrainingCost(
            of=self.model,
            objective=self.objective,
            corpus=self.corpus,
            tokens=self.tokens,
            seconds=self.seconds,
            flops=self.flops,
            joules=self.joules,
        )

    def to_json(self) -> str:
        """Return it as a document."""
        return json.dumps(asdict(self), indent=1)


_RECORD = TypeAdapter(PretrainingRecord)


def read_record(folder: Path) -> PretrainingRecord | None:
    """Return the record in a folder; ``None`` where it has none.

    Raises:
        UsageError: it cannot be read.
    """
    path = folder / NAME
    try:
        return _RECORD.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise UsageError(f"{path} is not the record of a pretraining: {first_mistake(error)}.") from error
