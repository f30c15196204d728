"""An interpolated Kneser-Ney model of sequences of whole numbers (Ney, Essen and Kneser 1994; Chen and Goodman 1999).

The probability of a symbol after a context of k - 1 symbols is

    p_k(w | h) = max(a(h w) - D_k, 0) / a(h) + D_k N(h) / a(h) p_{k-1}(w | h without its first symbol)

where a(h w) is how often the k-gram occurs at the highest order, and below it how many different symbols it follows;
a(h) is the sum of that over w, N(h) the number of different w, and D_k = n_1 / (n_1 + 2 n_2) with n_r the k-grams whose
a is r. An unseen h says nothing; p_0 is uniform. So the probabilities of all symbols after any context sum to one.

All k-grams of one length are a sorted array of keys, made of the index of the first k - 1 symbols and the last symbol.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LEAST_DISCOUNT, LARGEST_DISCOUNT = 0.1, 0.9


@dataclass(frozen=True, kw_only=True, eq=False)
class Level:
    """All G k-grams of one length, and what follows each of the H contexts, which are the grams one shorter."""

    keys: Ints
    """(G,), sorted."""
    adjusted: Floats
    """How often each counts, (G,); 0 of what is only ever a context."""
    totals: Floats
    """The sum of that over what follows a context, (H,)."""
    distinct: Floats
    """How many different symbols follow it, (H,)."""
    discount: float

    def find(self, keys: Ints) -> Ints:
        """Return the index of each key, -1 of one that is not there."""
        places = np.searchsorted(self.keys, keys)
        places[places == len(self.keys)] = 0
        return np.where(self.keys[places] == keys, places, -1) if len(self.keys) else np.full_like(keys, -1)


@dataclass(frozen=True, kw_only=True, eq=False)
class KneserNey:
    """Levels of 1 to ``order`` symbols out of ``num_symbols``; what comes before a sequence is one symbol more."""

    num_symbols: int
    levels: tuple[Level, ...]

    @property
    def num_ngrams(self) -> int:
        """How many n-grams are counted, of all lengths."""
        return sum(int((level.adjusted > 0).sum()) for level in self.levels)

    def log_probabilities(self, sequences: Sequence[Ints]) -> Floats:
        """Return the natural logarithm of the probability of each symbol, of all sequences after one another."""
        stream = _stream(sequences, self.num_symbols, len(self.levels))
        previous = np.zeros_like(stream)  # of each position, the index of the gram before it; here the empty one
        probabilities = np.full(len(stream), 1.0 / self.num_symbols)
        for level in self.levels:
            found = np.where(previous < 0, -1, level.find(previous * (self.num_symbols + 1) + stream))
            has_context = (previous >= 0) & (level.totals[previous] > 0)
            total = np.where(has_context, level.totals[previous], 1.0)
            own = np.where(found >= 0, np.maximum(level.adjusted[found] - level.discount, 0.0), 0.0) / total
            rest = level.discount * level.distinct[previous] / total
            probabilities = np.where(has_context, own + rest * probabilities, probabilities)
            previous = np.concatenate([[-1], found[:-1]])
        logarithms: Floats = np.log(probabilities[stream != self.num_symbols])
        return logarithms


def fit(sequences: Sequence[Ints], *, num_symbols: int, order: int) -> KneserNey:
    """Return the model of sequences of symbols, each from 0 to ``num_symbols`` - 1."""
    stream = _stream(sequences, num_symbols, order)
    is_symbol = stream != num_symbols
    previous, num_contexts = np.zeros_like(stream), 1
    indices: list[Ints] = []  # of each order, the gram that ends at each position, -1 where it would begin too early
    keys: list[Ints] = []
    contexts: list[tuple[Ints, int]] = []
    for _ in range(order):
        own = previous * (num_symbols + 1) + stream
        known = previous >= 0
        held, inverse = np.unique(own[known], return_inverse=True)
        index = np.full(len(stream), -1)
        index[known] = inverse
        keys.append(held)
        indices.append(index)
        contexts.append((held // (num_symbols + 1), num_contexts))
        previous, num_contexts = np.concatenate([[-1], index[:-1]]), len(held)
    levels = []
    for k in range(order):
        adjusted = _adjusted(stream, is_symbol, indices[k], indices[k + 1] if k + 1 < order else None, k + 1)
        if not adjusted.any():
            break  # no text is so long
        context, count = contexts[k]
        levels.append(
            Level(
                keys=keys[k],
                adjusted=adjusted,
                totals=_sums(context, adjusted, count),
                distinct=_sums(context, (adjusted > 0).astype(np.float64), count),
                discount=_discount(adjusted),
            )
        )
    return KneserNey(num_symbols=num_symbols, levels=tuple(levels))


def _stream(sequences: Sequence[Ints], start: int, order: int) -> Ints:
    """Return the sequences after one another, each after as many ``start`` symbols as a context has."""
    before = np.full(max(order - 1, 1), start, dtype=np.int64)
    parts = [part for sequence in sequences for part in (before, np.asarray(sequence, dtype=np.int64))]
    return np.concatenate(parts) if parts else before


def _adjusted(stream: Ints, is_symbol: NDArray[np.bool_], own: Ints, longer: Ints | None, length: int) -> Floats:
    """Return how often each gram of one length counts.

    Below the highest order that is how many different symbols it follows; but one at the start of a sequence, which
    follows nothing, counts as often as it occurs.
    """
    known = own >= 0
    count = int(own.max(initial=-1)) + 1
    occurrences = np.bincount(own[known & is_symbol], minlength=count).astype(np.float64)
    if longer is None:
        return occurrences
    _, first = np.unique(longer, return_index=True)  # a position of each longer gram
    first = first[(longer[first] >= 0) & is_symbol[first]]
    followed = np.bincount(own[first], minlength=count).astype(np.float64)
    positions = np.flatnonzero(known)
    begins = np.zeros(count, dtype=bool)
    begins[own[positions]] = ~is_symbol[positions - length + 1]
    return np.where(begins, occurrences, followed)


def _sums(places: Ints, values: Floats, count: int) -> Floats:
    sums: Floats = np.zeros(count)
    np.add.at(sums, places, values)
    return sums


def _discount(adjusted: Floats) -> float:
    once, twice = int((adjusted == 1).sum()), int((adjusted == 2).sum())
    return float(np.clip(once / max(once + 2 * twice, 1), LEAST_DISCOUNT, LARGEST_DISCOUNT))
