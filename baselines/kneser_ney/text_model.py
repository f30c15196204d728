"""A Kneser-Ney model of texts: of words, and of the bytes of a word that it does not know.

A text falls into words, each with the space before it, runs of punctuation, and single white space, which together are
the text. A word that training shows too rarely is one symbol, unknown, and then spelled: its bytes and an end, by a
model of the bytes of such words. So every text has a probability.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baselines.kneser_ney.counts import Ints, KneserNey, fit
from harness.outputs import Likelihood

TOKEN = re.compile(r" ?\w+| ?[^\w\s]+|\s")
END = 256
BYTE_ORDER = 6


@dataclass(frozen=True, kw_only=True)
class TextModel:
    """Numbers of the words that are known, and the two models."""

    vocabulary: dict[str, int]
    words: KneserNey
    spelling: KneserNey

    @classmethod
    def fit(cls, texts: Sequence[str], *, order: int, least_count: int) -> "TextModel":
        """Return the model of some texts; each begins anew."""
        split = [TOKEN.findall(text) for text in texts]
        counts = Counter(token for tokens in split for token in tokens)
        known = [token for token, count in counts.items() if count >= least_count]
        vocabulary = {token: number for number, token in enumerate(known)}
        unknown = len(vocabulary)
        numbers = [np.array([vocabulary.get(token, unknown) for token in tokens], dtype=np.int64) for tokens in split]
        rare = [_spelled(token) for token in counts if token not in vocabulary]
        return cls(
            vocabulary=vocabulary,
            words=fit(numbers, num_symbols=unknown + 1, order=order),
            spelling=fit(rare, num_symbols=END + 1, order=BYTE_ORDER),
        )

    @property
    def num_ngrams(self) -> int:
        """How many n-grams both models have counted."""
        return self.words.num_ngrams + self.spelling.num_ngrams

    @property
    def note(self) -> str:
        """What it is, for a reader of its results."""
        return f"{len(self.words.levels)}-grams, {len(self.vocabulary):,} words; others are spelled in bytes"

    def score(self, text: str) -> Likelihood:
        """Return how probable a text is, by the words that are defined here."""
        tokens = TOKEN.findall(text)
        unknown = len(self.vocabulary)
        numbers = np.array([self.vocabulary.get(token, unknown) for token in tokens], dtype=np.int64)
        total = float(self.words.log_probabilities([numbers]).sum())
        if rare := [_spelled(token) for token in tokens if token not in self.vocabulary]:
            total += float(self.spelling.log_probabilities(rare).sum())
        return Likelihood(log_probability=min(total, 0.0), num_tokens=len(tokens))


def _spelled(token: str) -> Ints:
    return np.array([*token.encode(), END], dtype=np.int64)
