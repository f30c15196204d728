"""Features of a frozen checkpoint: what transformers computes, whatever the padding."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel

from baselines.networks.features import load_features
from harness.api.example import Example
from harness.api.output import Classification
from harness.api.recipe import Encoding
from harness.training.inference import predict_logits
from tests.fakes.checkpoints import save_checkpoint, save_language_model

TWO = Classification(labels=("no", "yes"))
TEXTS = [Example(id="0", text="the red engine", pair="a green film, of the engine"), Example(id="1", text="red")]


@pytest.mark.parametrize("family", ["bert", "llama"])
def test_features_are_the_mean_of_an_encoder_and_the_last_of_a_causal_model(family: str, tmp_path: Path) -> None:
    is_causal = family == "llama"
    folder = (save_language_model if is_causal else save_checkpoint)(tmp_path / family, family)
    network = load_features(folder, is_causal=is_causal, output=TWO, encoding=Encoding())
    encoded = network.encode(TEXTS)
    found = predict_logits(network, encoded, output=TWO, device="cpu", precision="float32")
    model = AutoModel.from_pretrained(folder).eval()
    assert not any(parameter.requires_grad for parameter in network.module.parameters())
    for row, start, end in zip(found, encoded.offsets[:-1], encoded.offsets[1:], strict=True):
        ids, types = (torch.from_numpy(array[start:end]).long()[None] for array in (encoded.ids, encoded.types))
        with torch.no_grad():
            hidden = model(input_ids=ids, **({} if is_causal else {"token_type_ids": types})).last_hidden_state[0]
        np.testing.assert_allclose(row, hidden[-1] if is_causal else hidden.mean(0), rtol=1e-4, atol=1e-5)
