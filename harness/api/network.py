"""What a torch adapter writes instead of a loop: a :class:`Network` is a module and the way text becomes tokens.

Everything about speed is the same for all of them, and lies in ``harness.training``. There, too, is
``harness.training.network.OutputNetwork``, which has the loss and the logits of every kind of answer, for a module that
computes these logits; a network with another head, or with none, brings its own ``losses`` and ``predict``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from harness.api.encoding import Encoded, Located
from harness.api.example import Example

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some token sequences side by side, on the device.

    Attributes:
        ids: token ids, int64, (B, L).
        types: token types, int64, (B, L).
        mask: true on real tokens, bool, (B, L).
        labels: what is to be learnt, a row a sequence, as in ``Encoded``; ``None`` where only predictions are wanted.
    """

    ids: "Tensor"
    types: "Tensor"
    mask: "Tensor"
    labels: "Tensor | None" = None


class Network(Protocol):
    """A module with its tokenizer."""

    @property
    def module(self) -> "nn.Module":
        """The weights."""

    @property
    def pad_id(self) -> int:
        """The token id that fills up a batch."""

    def encode(self, examples: Sequence[Example]) -> Encoded:
        """Return the examples as token sequences, with labels where all targets are known."""

    def losses(self, batch: Batch) -> "tuple[Tensor, float]":
        """Return the sum of a labelled batch's losses, a scalar, and how much they weigh together.

        A step's loss is the sum over its batch divided by the weight of it: the mean over sequences where each weighs
        1, or over tokens where the weight counts those.
        """

    def predict(self, batch: Batch) -> "Tensor":
        """Return float logits: a row a sequence, (B, labels), or where spans are asked for a row a token, (B, L, 2)."""


@runtime_checkable
class KeyedNetwork(Network, Protocol):
    """A network that says what shapes ``encode``, so that its token sequences can be kept on disk."""

    def encoding_key(self) -> str:
        """Return what stands for all that shapes ``encode`` beside the examples: the tokenizer, lengths, the output.

        Two networks of one class with the same key must encode the same examples alike, in any process.
        """


@runtime_checkable
class NotedNetwork(Network, Protocol):
    """A network that has something to say to a reader of its results."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What it is, each a clause: ``its trained head is kept``."""


@runtime_checkable
class EncoderNetwork(Network, Protocol):
    """A network whose encoder another task's training can begin with."""

    @property
    def encoder(self) -> "nn.Module":
        """All of the module but its head, with the same weights by name and shape whatever the task."""


@runtime_checkable
class AdaptedNetwork(Network, Protocol):
    """A network of which a small part is trained, which is worth keeping."""

    def finish(self) -> Mapping[str, bytes]:
        """Give back files of what was trained, by name; it may change its module, which predicts the same as before.

        It is called once, when training is over.
        """


@runtime_checkable
class TracedNetwork(Network, Protocol):
    """A network that says where its tokens come from, so that its predictions can be explained word by word."""

    @property
    def token_table(self) -> "nn.Module":
        """The part of the module that maps token ids to vectors.

        Nothing else in the module may look at token ids, but to tell padding from the rest.
        """

    def locate(self, examples: Sequence[Example]) -> Located:
        """Return where each token of ``encode(examples)`` stands in the texts."""
