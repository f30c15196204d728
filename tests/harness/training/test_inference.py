"""Answers without gradients: the fast way gives the plain forward pass's logits."""

import copy

import numpy as np
import pytest
import torch

from harness import Extraction
from harness.api.encoding import Encoded
from harness.api.network import Batch
from harness.training.inference import predict_logits
from harness.training.linear import cast_weights
from harness.training.tensors import autocast
from tests.fakes.toy import TOY, WordsNetwork, read, rows

EXAMPLES = [read({**row, "idx": i}) for i, row in enumerate(rows("validation", 0))]


@pytest.fixture
def network() -> WordsNetwork:
    torch.manual_seed(0)
    return WordsNetwork(TOY.output, 0.0)


def logits(network: WordsNetwork, precision: str) -> np.ndarray:
    encoded = network.encode(EXAMPLES)
    return predict_logits(network, encoded, output=TOY.output, device="cpu", precision=precision)


def test_each_sequence_gets_its_own_logits(network: WordsNetwork) -> None:
    found = logits(network, "float32")
    for example, row in zip(EXAMPLES, found, strict=True):
        alone = network.encode([example])
        ids = torch.from_numpy(alone.ids.astype(np.int64))[None]
        expected = network.module.eval()(ids, torch.zeros_like(ids), torch.ones_like(ids, dtype=torch.bool))
        np.testing.assert_allclose(row, expected[0].detach().numpy(), rtol=1e-4, atol=1e-6)


def test_cast_weights_change_no_bit(network: WordsNetwork) -> None:
    before = logits(network, "bfloat16")
    plain = copy.deepcopy(network.module)
    cast_weights(network.module, "bfloat16")
    assert network.module.hidden.weight.dtype == torch.bfloat16
    assert network.module.words.weight.dtype == torch.float32
    np.testing.assert_array_equal(before, logits(network, "bfloat16"))
    ids = torch.ones(2, 3, dtype=torch.int64)
    with autocast("cpu", "bfloat16"), torch.no_grad():
        arguments = (ids, ids, ids.bool())
        assert torch.equal(plain.eval()(*arguments), network.module.eval()(*arguments))


def test_short_memory_halves_the_budget(network: WordsNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, forward = logits(network, "float32"), network.module.forward

    def short(ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if ids.numel() > 32:
            raise torch.OutOfMemoryError("planted")
        return forward(ids, types, mask)

    monkeypatch.setattr(network.module, "forward", short)
    np.testing.assert_allclose(logits(network, "float32"), expected, rtol=1e-4, atol=1e-6)


class Places:
    """Answers each token with its id and its place."""

    pad_id = 0

    class Module(torch.nn.Module):
        def forward(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            return torch.stack([ids, torch.arange(ids.shape[1]).expand_as(ids)], -1).float()

    module = Module()

    def predict(self, batch: Batch) -> torch.Tensor:
        return self.module(batch.ids, batch.types, batch.mask)


def test_tokens_keep_their_places() -> None:
    lengths = np.array([3, 1, 5, 2])
    encoded = Encoded(
        ids=np.arange(1, 12, dtype=np.int32),
        types=np.zeros(11, np.int8),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        examples=np.arange(4, dtype=np.int32),
    )
    found = predict_logits(Places(), encoded, output=Extraction(unanswerable=False), device="cpu", precision="float32")
    assert found[:, 0].tolist() == list(range(1, 12))
    assert found[:, 1].tolist() == [0, 1, 2, 0, 0, 1, 2, 3, 4, 0, 1]


def test_float32_is_left_alone(network: WordsNetwork) -> None:
    cast_weights(network.module, "float32")
    assert network.module.hidden.weight.dtype == torch.float32
