"""Which sequences go together: every one of them once, in an order that the seed alone decides, within the budget."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.encoding import Encoded
from harness.training.batching import POOL_BATCHES, inference_batches, pad, training_batches

LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=200).map(lambda lengths: np.array(lengths, np.int64))


def encode(texts: list[list[int]], labels: list[int] | None = None) -> Encoded:
    """Return sequences of these ids, whose types alternate."""
    lengths = [len(ids) for ids in texts]
    return Encoded(
        ids=np.concatenate([np.array(ids, np.int32) for ids in texts]),
        types=np.concatenate([np.arange(length, dtype=np.int8) % 2 for length in lengths]),
        offsets=np.cumsum([0, *lengths]),
        examples=np.arange(len(texts), dtype=np.int32),
        labels=None if labels is None else np.array(labels, np.int64),
    )


@given(LENGTHS, st.integers(1, 9), st.integers(0, 2**32), st.integers(0, 5))
def test_an_epoch_has_each_sequence_once(lengths: np.ndarray, batch_size: int, seed: int, epoch: int) -> None:
    batches = training_batches(lengths, batch_size=batch_size, seed=seed, epoch=epoch)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    sizes = sorted(len(batch) for batch in batches)
    assert all(size == batch_size for size in sizes[1:])  # but for one, all are full
    assert 0 < sizes[0] <= batch_size


def order(seed: int, epoch: int) -> list[int]:
    lengths = np.arange(40, dtype=np.int64) % 7 + 1
    return np.concatenate(training_batches(lengths, batch_size=4, seed=seed, epoch=epoch)).tolist()


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    first = order(0, 0)
    np.random.default_rng().random()
    assert order(0, 0) == first
    assert len({tuple(order(seed, epoch)) for seed in range(4) for epoch in range(4)}) == 16


def test_sequences_of_like_length_go_together() -> None:
    batch_size = 4
    lengths = np.random.default_rng(0).permutation(batch_size * POOL_BATCHES).astype(np.int64)  # one pool, all unlike
    batches = training_batches(lengths, batch_size=batch_size, seed=0, epoch=0)
    assert {int(np.ptp(lengths[batch])) for batch in batches} == {batch_size - 1}
    assert [lengths[batch].max() for batch in batches] != sorted(lengths[batch].max() for batch in batches)


def test_pools_mix_the_data() -> None:
    lengths = np.arange(3 * 2 * POOL_BATCHES, dtype=np.int64)
    batches = training_batches(lengths, batch_size=2, seed=0, epoch=0)
    assert any(np.ptp(batch) > 1 for batch in batches)  # cut from the whole sorted, all would be neighbours


@given(LENGTHS, st.integers(1, 100), st.integers(1, 9))
def test_answering_keeps_the_budget_longest_first(lengths: np.ndarray, max_tokens: int, max_sequences: int) -> None:
    batches = list(inference_batches(lengths, max_tokens=max_tokens, max_sequences=max_sequences))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) <= max_sequences
        assert len(batch) * lengths[batch].max() <= max_tokens or len(batch) == 1
    for batch, following in pairwise(batches):
        assert lengths[batch].min() >= lengths[following].max()
        is_full = len(batch) == max_sequences or (len(batch) + 1) * lengths[batch].max() > max_tokens
        assert is_full


TEXTS = st.lists(st.lists(st.integers(1, 30_000), min_size=1, max_size=12), min_size=1, max_size=6)


@given(st.data(), TEXTS, st.sampled_from([1, 4, 8]))
def test_padding_agrees_with_a_plain_loop(data: st.DataObject, texts: list[list[int]], multiple: int) -> None:
    labels = data.draw(st.none() | st.just(list(range(len(texts)))))
    chosen = data.draw(st.lists(st.integers(0, len(texts) - 1), min_size=1, max_size=8))
    padded = pad(encode(texts, labels), np.array(chosen, np.int64), pad_id=99, multiple=multiple)
    width = max(len(texts[index]) for index in chosen)
    while width % multiple:
        width += 1
    for row, index in enumerate(chosen):
        length = len(texts[index])
        assert padded.ids[row].tolist() == texts[index] + [99] * (width - length)
        assert padded.types[row].tolist() == [place % 2 for place in range(length)] + [0] * (width - length)
        assert padded.mask[row].tolist() == [True] * length + [False] * (width - length)
    assert (padded.labels is None) == (labels is None)
    assert labels is None or padded.labels.tolist() == chosen
    assert [padded.ids.dtype, padded.types.dtype, padded.mask.dtype] == [np.int64, np.int64, np.bool_]


@pytest.mark.parametrize("lengths", [[5], [3, 3, 3]])
def test_a_budget_smaller_than_a_sequence_takes_one_at_a_time(lengths: list[int]) -> None:
    batches = inference_batches(np.array(lengths, np.int64), max_tokens=2, max_sequences=8)
    assert [len(batch) for batch in batches] == [1] * len(lengths)
