"""Token sequences as flat arrays: :class:`Encoded` is what a torch adapter makes of examples. No torch here."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How much of some examples' texts a model reads."""

    unknown_tokens: float
    """The fraction of the texts' tokens that the model has no token for, 0 to 1."""
    truncated_examples: float
    """The fraction of examples whose texts are cut off, 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """The token sequences of some examples, end to end.

    S sequences, T tokens in all. An example has one sequence, or for extraction one for each window over its passage;
    an example's windows stand next to each other, in order.

    Attributes:
        ids: token ids, int32, (T,).
        types: token types (0: text, 1: pair), int8, (T,).
        offsets: where each sequence begins, and the end, int64, (S + 1,).
        examples: the index of each sequence's example, int32, (S,).
        labels: what is to be learnt, of each sequence: a label index int64 (S,), a number float32 (S,), or for
            extraction the first and last token of the answer within the sequence, int64 (S, 2), (0, 0) where the
            window has none. ``None`` where any target is unknown.
        spans: for extraction, the characters [start, end) of ``Example.pair`` that each token covers, int32 (T, 2),
            (-1, -1) for a token outside the passage; else ``None``.
        text_tokens: how many of each sequence's tokens are of its texts, int32, (S,); ``None`` where that is not known.
        unknown_tokens: how many of these stand for something that the tokenizer has no token for, int32, (S,).
        truncated: whether a part of the example's texts is in none of its sequences, bool, (S,).
    """

    ids: NDArray[np.int32]
    types: NDArray[np.int8]
    offsets: NDArray[np.int64]
    examples: NDArray[np.int32]
    labels: NDArray[np.int64] | NDArray[np.float32] | None = None
    spans: NDArray[np.int32] | None = None
    text_tokens: NDArray[np.int32] | None = None
    unknown_tokens: NDArray[np.int32] | None = None
    truncated: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        """Return the number of sequences, S."""
        return len(self.offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of tokens of each sequence, (S,)."""
        return np.diff(self.offsets)

    @property
    def coverage(self) -> Coverage | None:
        """How much of the texts is in the sequences; ``None`` where that is not known, or there are none."""
        if self.text_tokens is None or self.unknown_tokens is None or self.truncated is None or not len(self):
            return None
        return Coverage(
            unknown_tokens=float(self.unknown_tokens.sum() / max(1, self.text_tokens.sum())),
            truncated_examples=len(np.unique(self.examples[self.truncated])) / len(np.unique(self.examples)),
        )


@dataclass(frozen=True, kw_only=True)
class Located:
    """Where each token of an :class:`Encoded` stands in its example.

    Attributes:
        sides: 0 for a token of ``Example.text``, 1 for one of ``Example.pair``, -1 for one that the tokenizer added,
            int8, (T,).
        spans: the characters [start, end) of that text that it covers, int32, (T, 2); of no meaning at side -1.
    """

    sides: NDArray[np.int8]
    spans: NDArray[np.int32]
