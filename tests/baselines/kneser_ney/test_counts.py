"""Kneser-Ney: probabilities that sum to one, and the same as a plain implementation with dictionaries."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pytest

from baselines.kneser_ney.counts import LARGEST_DISCOUNT, LEAST_DISCOUNT, KneserNey, fit

NUM_SYMBOLS = 5


def sequences(seed: int, count: int = 25) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    generator = np.random.default_rng(seed)
    return [generator.integers(0, NUM_SYMBOLS - 1, generator.integers(1, 20)) for _ in range(count)]


def probability(model: KneserNey, context: Sequence[int], symbol: int) -> float:
    return float(np.exp(model.log_probabilities([np.array([*context, symbol])])[-1]))


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_sum_to_one_after_any_context(order: int) -> None:
    model = fit(sequences(0), num_symbols=NUM_SYMBOLS, order=order)
    for context in ([], [0], [4], [1, 2], [4, 4, 4], [3, 1, 0, 2, 2]):
        total = sum(probability(model, context, symbol) for symbol in range(NUM_SYMBOLS))
        assert total == pytest.approx(1.0, abs=1e-12)
        assert probability(model, context, 4) > 0, "a symbol that training never shows"


def plain(train: Sequence[Sequence[int]], order: int, context: Sequence[int], symbol: int) -> float:
    """Return the probability by the definition, gram by gram."""
    start = ["<s>"] * (order - 1)
    padded = [[*start, *map(str, sequence)] for sequence in train]
    occurs: Counter[tuple[str, ...]] = Counter()
    follows: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for sequence in padded:
        for end in range(order - 1, len(sequence)):
            for length in range(1, order + 1):
                gram = tuple(sequence[end - length + 1 : end + 1])
                occurs[gram] += 1
                if length < order:
                    follows[gram].add(sequence[end - length])

    def adjusted(gram: tuple[str, ...]) -> int:
        return occurs[gram] if len(gram) == order or gram[0] == "<s>" else len(follows[gram])

    def estimate(gram: tuple[str, ...]) -> float:
        if not gram:
            return 1 / NUM_SYMBOLS
        same = [other for other in occurs if len(other) == len(gram)]
        counts = Counter(map(adjusted, same))
        discount = min(max(counts[1] / max(counts[1] + 2 * counts[2], 1), LEAST_DISCOUNT), LARGEST_DISCOUNT)
        after = [adjusted(other) for other in same if other[:-1] == gram[:-1]]
        if not sum(after):
            return estimate(gram[1:])
        own = max(adjusted(gram) - discount, 0.0) if gram in occurs else 0.0
        return own / sum(after) + discount * len(after) / sum(after) * estimate(gram[1:])

    return estimate(tuple([*start, *map(str, context), str(symbol)][-order:]))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_it_is_what_its_definition_says(order: int) -> None:
    train = sequences(1)
    model = fit(train, num_symbols=NUM_SYMBOLS, order=order)
    lists = [sequence.tolist() for sequence in train]
    for context in ([], [0], [2, 1], [3, 3, 0], [4, 1]):
        for symbol in range(NUM_SYMBOLS):
            expected = plain(lists, order, context, symbol)
            assert math.isclose(probability(model, context, symbol), expected, rel_tol=1e-9)


def test_a_sequence_is_scored_alike_whatever_stands_before_it() -> None:
    model, scored = fit(sequences(2), num_symbols=NUM_SYMBOLS, order=3), sequences(3, 4)
    together = model.log_probabilities(scored)
    np.testing.assert_array_equal(together, np.concatenate([model.log_probabilities([each]) for each in scored]))


def test_what_has_seen_nothing_is_uniform() -> None:
    model = fit([], num_symbols=4, order=3)
    np.testing.assert_allclose(model.log_probabilities([np.array([0, 3])]), math.log(0.25))
