"""What a model brings to be pretrained on plain text: a tokenizer, and a network that predicts words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor, nn

Objective = Literal["mlm", "clm"]
"""Masked tokens predicted from both sides, by an encoder; or each token from those before it, by a decoder."""
TokenizerKind = Literal["wordpiece", "bpe"]
"""Lower-cased pieces of words, as BERT's; or pieces of bytes, as GPT-2's, from which any text is had back."""

PAD_ID, UNKNOWN_ID, START_ID, END_ID, MASK_ID = range(5)
NUM_SPECIAL = 5
"""The first tokens of every vocabulary: a document is ``START … END``, and has neither of them within."""

Texts = Callable[[], Iterable[str]]
"""Gives the same texts each time that it is called: they may be too many to be kept."""


@dataclass(frozen=True, kw_only=True)
class PackedBatch:
    """Windows of L tokens, each filled with documents or parts of them, on the device.

    Attributes:
        ids: token ids, int64, (B, L).
        documents: which document of its window a token belongs to, int64, (B, L). No token looks at another's.
        positions: where a token stands in the part of its document that is in the window, int64, (B, L).
        targets: the token to be predicted at each place, int64, (B, L); -1 where none is.
    """

    ids: "Tensor"
    documents: "Tensor"
    positions: "Tensor"
    targets: "Tensor"


class PretrainingNetwork(Protocol):
    """A module that predicts tokens."""

    @property
    def module(self) -> "nn.Module":
        """The weights."""

    def losses(self, batch: PackedBatch) -> "tuple[Tensor, float]":
        """Return the sum of the cross-entropies of all targets, in nats, and the number of targets."""

    def tensors(self) -> "dict[str, Tensor]":
        """Return the weights under the names that transformers has for them."""

    def config(self) -> dict[str, Any]:
        """Return the ``config.json`` of transformers that stands for the module."""


@runtime_checkable
class Pretrainable(Protocol):
    """A model's spec that can be pretrained."""

    def train_tokenizer(self, kind: TokenizerKind, texts: Texts, *, vocabulary_size: int) -> "Tokenizer":
        """Return a tokenizer, which depends on the texts alone, that begins with the special tokens."""

    def pretraining_network(
        self, objective: Objective, *, vocabulary_size: int, max_length: int, dropout: float
    ) -> PretrainingNetwork:
        """Return a network with weights from torch's generator."""

    def pretraining_rate(self, objective: Objective) -> float:
        """Return the learning rate that suits its size."""


@dataclass(frozen=True, kw_only=True)
class PretrainingCost:
    """What a model was before it is fine-tuned: the architecture that was pretrained, on what, and what that cost.

    ``flops`` and ``joules`` are ``None`` where they are not known.
    """

    of: str
    objective: Objective
    corpus: str
    tokens: int
    seconds: float
    flops: float | None
    joules: float | None


@runtime_checkable
class TellsPretraining(Protocol):
    """A model's spec that knows how it was pretrained, where that was done here."""

    @property
    def pretraining(self) -> PretrainingCost | None:
        """What it was and what it cost; ``None`` where that is not known."""
