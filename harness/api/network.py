"""What a torch adapter writes instead of a loop: a :class:`Network` is a module and the way text becomes tokens.

The loss, the answers, and everything about speed follow from the task's :class:`~harness.api.output.Output`, and are
the same for all of them: ``harness.training.loop`` and ``harness.training.inference``.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from harness.api.encoding import Encoded, Located
from harness.api.example import Example

if TYPE_CHECKING:
    from torch import nn


class Network(Protocol):
    """A module with its tokenizer."""

    @property
    def module(self) -> "nn.Module":
        """The weights.

        Called as ``module(ids, types, mask)``, each (B, L): int64 token ids, int64 token types, and a bool mask that is
        true on real tokens. Returns float logits: (B, labels) for classification, (B, 1) for regression, (B, L, 2) for
        extraction, the start and the end of the answer, where token 0 stands for "no answer".
        """

    @property
    def pad_id(self) -> int:
        """The token id that fills up a batch."""

    def encode(self, examples: Sequence[Example]) -> Encoded:
        """Return the examples as token sequences, with labels where all targets are known."""


@runtime_checkable
class KeyedNetwork(Network, Protocol):
    """A network that says what shapes ``encode``, so that its token sequences can be kept on disk."""

    def encoding_key(self) -> str:
        """Return what stands for all that shapes ``encode`` beside the examples: the tokenizer, lengths, the output.

        Two networks of one class with the same key must encode the same examples alike, in any process.
        """


@runtime_checkable
class TracedNetwork(Network, Protocol):
    """A network that says where its tokens come from, so that its answers can be explained word by word."""

    @property
    def token_table(self) -> "nn.Module":
        """The part of the module that maps token ids to vectors.

        Nothing else in the module may look at token ids, but to tell padding from the rest.
        """

    def locate(self, examples: Sequence[Example]) -> Located:
        """Return where each token of ``encode(examples)`` stands in the texts."""
