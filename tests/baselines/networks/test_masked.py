"""Masked language models: pseudo-log-likelihoods as a readable implementation has them, one masked text at a time."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from baselines.networks.masked import load_masked
from baselines.networks.scoring import score
from harness.errors import UsageError
from harness.system.cores import Cores
from tests.fakes.checkpoints import save_checkpoint, save_language_model

TEXTS = ["the red engine", "a green film?", "e"]


def plain(folder: Path, text: str) -> float:
    model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    encoded = tokenizer(text, return_tensors="pt", return_special_tokens_mask=True, return_token_type_ids=False)
    special, total = encoded.pop("special_tokens_mask")[0], 0.0
    for place in (special == 0).nonzero()[:, 0].tolist():
        ids = encoded["input_ids"].clone()
        ids[0, place] = tokenizer.mask_token_id
        with torch.no_grad():
            logits = model(input_ids=ids, attention_mask=encoded["attention_mask"]).logits[0, place].double()
        total += float(logits.log_softmax(0)[encoded["input_ids"][0, place]])
    return total


@pytest.mark.parametrize("model_type", ["bert", "roberta", "distilbert"])
def test_the_same_as_one_masked_text_at_a_time(model_type: str, tmp_path: Path) -> None:
    folder = save_language_model(tmp_path / model_type, model_type)
    network = load_masked(folder, device="cpu")
    texts = network.encode(TEXTS)
    found = score(network.rows(texts), len(texts), network.forward, device="cpu", cores=Cores())
    np.testing.assert_allclose(found, [plain(folder, text) for text in TEXTS], atol=1e-3)


def test_each_token_of_a_long_text_is_masked_once(tmp_path: Path) -> None:
    network = load_masked(save_language_model(tmp_path / "bert", "bert"), device="cpu")
    (ids,) = network.encode(["red green " * 50])
    rows = network.rows([ids])
    assert len(rows) == len(ids) == 100
    assert {len(row.ids) for row in rows} == {network.window}
    assert [target for row in rows for _, target in row.edges] == ids


def test_without_a_trained_head_there_is_none(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "bert", "bert")
    with pytest.raises(UsageError, match="tensors are not in its weights"):
        load_masked(folder, device="cpu")
