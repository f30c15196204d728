"""Windows: full, without padding, each token in one of them an epoch, in documents that know nothing of one another."""

from types import SimpleNamespace

import numpy as np
from torch import Tensor

from harness.api.pretraining import START_ID, PackedBatch
from harness.pretraining.windows import WindowFeed, Windows, places

STREAM = np.array([START_ID, *range(10, 20), 3, START_ID, 30, 31, 3, START_ID, *range(40, 60), 3], np.uint16)


def feed(objective: str = "clm") -> WindowFeed:
    return WindowFeed(
        windows=Windows(ids=STREAM, length=8),
        network=SimpleNamespace(losses=None),  # type: ignore[arg-type]
        objective=objective,  # type: ignore[arg-type]
        vocabulary_size=100,
        batch_size=2,
        seed=0,
        device="cpu",
    )


def numbers(tensor: Tensor) -> list[list[int]]:
    found: list[list[int]] = tensor.tolist()
    return found


def test_every_window_is_full_and_comes_once_an_epoch() -> None:
    order = np.concatenate(feed().batches(0))
    assert sorted(order) == [0, 1, 2, 3]
    assert feed().windows.take(np.arange(4)).flatten().tolist() == STREAM[:32].tolist()
    orders = {tuple(np.concatenate(feed().batches(epoch))) for epoch in range(8)}
    assert len(orders) > 1
    assert (feed().lengths == 8).all()


def test_places_count_anew_in_each_document_and_in_each_window() -> None:
    documents, positions = places(feed().windows.take(np.array([1])))
    assert documents.tolist() == [[1, 1, 1, 1, 2, 2, 2, 2]]
    assert positions.tolist() == [[0, 1, 2, 3, 0, 1, 2, 3]]


def test_masks_follow_from_the_key_alone() -> None:
    masked = feed("mlm")

    def batch(*key: int) -> PackedBatch:
        return masked.batch(np.array([0, 2]), key=key)

    assert numbers(batch(0, 1).targets) == numbers(batch(0, 1).targets)
    assert len({str(numbers(batch(0, step).targets)) for step in range(10)}) > 1


def test_no_documents_first_token_is_predicted_from_another() -> None:
    batch = feed().batch(np.array([1]), key=())
    assert numbers(batch.ids) == [[17, 18, 19, 3, START_ID, 30, 31, 3]]
    assert numbers(batch.targets) == [[18, 19, 3, -1, 30, 31, 3, -1]]
