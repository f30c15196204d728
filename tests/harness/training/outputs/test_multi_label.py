import numpy as np
import pytest
import torch

from harness import Decoding, Example, MultiLabel
from harness.api.encoding import Encoded
from harness.training.outputs import head_of

HEAD = head_of(MultiLabel(labels=("a", "b", "c")))
ENCODED = Encoded(
    ids=np.ones(2, np.int32), types=np.zeros(2, np.int8), offsets=np.arange(3), examples=np.arange(2, dtype=np.int32)
)
EXAMPLES = [Example(id="1", text="x"), Example(id="2", text="y")]
LOGITS = np.array([[2.0, 0.0, -1.0], [-1.0, -2.0, -3.0]], np.float32)


def test_the_loss_is_the_mean_of_binary_cross_entropies() -> None:
    labels = torch.from_numpy(HEAD.labels([frozenset({0}), frozenset()]))
    found = HEAD.sequence_losses(torch.from_numpy(LOGITS), labels, torch.ones(2, 1, dtype=torch.bool))
    p = 1 / (1 + np.exp(-LOGITS.astype(float)))
    by_hand = [-np.log([p[0, 0], 1 - p[0, 1], 1 - p[0, 2]]).mean(), -np.log(1 - p[1]).mean()]
    assert found.tolist() == pytest.approx(by_hand)


def test_labels_from_one_half_on_are_predicted() -> None:
    first, second = HEAD.decode(LOGITS, ENCODED, EXAMPLES, Decoding())
    assert (first.value, second.value) == (frozenset({0, 1}), frozenset())
    assert first.scores == pytest.approx((0.8807971, 0.5, 0.2689414), abs=1e-6)


def test_what_is_explained_is_the_predicted_labels_or_that_there_is_none() -> None:
    first, second = HEAD.explained(LOGITS, ENCODED, EXAMPLES, Decoding())
    assert (first.towards, first.coefficients.tolist()) == ("a, b", [1.0, 1.0, 0.0])
    assert (second.towards, second.coefficients.tolist()) == ("(no label)", [-1.0, -1.0, -1.0])
