"""Causal language models: the same log-probabilities as a readable implementation, one token at a time."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from baselines.networks.causal import CausalNetwork, load_causal
from baselines.networks.scoring import score
from harness.errors import UsageError
from harness.system.cores import Cores
from tests.fakes.checkpoints import change_json, save_language_model

TEXTS = ["the red engine", "the red film, and more of it", "Ada", "the red engine.", "green " * 60]
SIZES = {"window": 16, "stride": 6}


def plain(folder: Path, texts: list[list[int]], first: int, window: int, stride: int) -> list[float]:
    """Return the log-probability of each text: of each token in turn, after the window that it belongs to."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    totals = []
    for ids in texts:
        stream, total = [first, *ids], 0.0
        for index in range(len(ids)):  # predict stream[index + 1]
            beyond = max(0, index + 1 - window)
            end = window + -(-beyond // stride) * stride if beyond else min(window, len(ids))
            end = min(end, len(ids))
            context = stream[max(0, end - window) : index + 1]
            with torch.no_grad():
                logits = model(torch.tensor([context])).logits[0, -1].double()
            total += float(logits.log_softmax(0)[stream[index + 1]])
        totals.append(total)
    return totals


def scores(network: CausalNetwork, texts: list[list[int]]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return score(network.rows(texts), len(texts), network.forward, device="cpu", cores=Cores())


@pytest.mark.parametrize("model_type", ["llama", "gpt2", "mamba"])
def test_the_same_as_one_token_at_a_time(model_type: str, tmp_path: Path) -> None:
    folder = save_language_model(tmp_path / model_type, model_type)
    network = load_causal(folder, device="cpu", **SIZES)
    texts = network.encode(TEXTS)
    expected = plain(folder, texts, network.first, **SIZES)
    assert network.shares == (model_type != "mamba"), "a recurrent model has no tree"
    for shares in {network.shares, False}:
        network.shares = shares
        np.testing.assert_allclose(scores(network, texts), expected, atol=1e-3)


def test_order_and_company_change_no_more_than_rounding(tmp_path: Path) -> None:
    network = load_causal(save_language_model(tmp_path / "llama", "llama"), device="cpu", window=None, stride=None)
    texts = network.encode(TEXTS)
    together = scores(network, texts)
    np.testing.assert_allclose(scores(network, texts[::-1])[::-1], together, atol=1e-4)
    np.testing.assert_allclose([scores(network, [text])[0] for text in texts], together, atol=1e-4)
    np.testing.assert_array_equal(scores(network, texts), together)


def test_the_window_is_the_models_own(tmp_path: Path) -> None:
    network = load_causal(save_language_model(tmp_path / "gpt2", "gpt2"), device="cpu", window=None, stride=None)
    assert (network.window, network.stride) == (64, 32)
    assert network.notes == ("windows of 64 tokens, 32 new ones in each",)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tie_word_embeddings": False}, "tensors are not in its weights, such as lm_head.weight"),
        ({"num_hidden_layers": 1}, "tensors of its weights are not used"),
    ],
)
def test_weights_that_are_not_the_models_are_refused(changes: dict[str, object], expected: str, tmp_path: Path) -> None:
    folder = save_language_model(tmp_path / "llama", "llama")
    change_json(folder / "config.json", **changes)
    with pytest.raises(UsageError, match=expected):
        load_causal(folder, device="cpu", window=None, stride=None)


def test_a_tokenizer_that_begins_no_text_is_refused(tmp_path: Path) -> None:
    folder = save_language_model(tmp_path / "gpt2", "gpt2")
    change_json(folder / "tokenizer_config.json", bos_token=None, eos_token=None)
    with pytest.raises(UsageError, match="no token that begins or ends a text"):
        load_causal(folder, device="cpu", window=None, stride=None)
