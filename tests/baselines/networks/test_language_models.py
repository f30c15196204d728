"""What is written of a language model is what transformers loads: the same logits, hidden states and loss."""

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForMaskedLM

from baselines.networks.language_models import CausalLanguageModel, MaskedLanguageModel
from baselines.networks.transformer import TransformerConfig
from harness.api.pretraining import PackedBatch
from harness.pretraining.checkpoint_files import save_weights

CONFIG = TransformerConfig(vocabulary_size=50, max_length=16, num_layers=2, width=24, num_heads=3, dropout=0.1)
IDS = torch.randint(5, 50, (3, 12), generator=torch.Generator().manual_seed(0))


Model = MaskedLanguageModel | CausalLanguageModel


def written(kind: type[Model], folder: Path) -> Model:
    """Return a model with weights far from their first ones, written as transformers has it."""
    torch.manual_seed(0)
    model = kind(CONFIG)
    with torch.no_grad():
        for parameter in model.module.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    (folder / "config.json").write_text(json.dumps(model.config()))
    save_weights(model.tensors(), folder / "model.safetensors")
    model.module.eval()
    return model


def batch(targets: torch.Tensor) -> PackedBatch:
    positions = torch.arange(12).expand(3, 12)
    return PackedBatch(ids=IDS, documents=torch.ones_like(IDS), positions=positions, targets=targets)


@torch.inference_mode()
def test_the_encoder_is_berts(tmp_path: Path) -> None:
    model = written(MaskedLanguageModel, tmp_path)
    theirs = AutoModelForMaskedLM.from_pretrained(tmp_path).eval()
    hidden = model.module.encoder(IDS, IDS * 0, torch.ones_like(IDS, dtype=torch.bool))
    torch.testing.assert_close(AutoModel.from_pretrained(tmp_path).eval()(IDS).last_hidden_state, hidden)
    torch.testing.assert_close(theirs(IDS).logits, model.module(hidden))
    targets = torch.where(torch.rand(IDS.shape) < 0.3, IDS, -1)
    loss, count = model.losses(batch(targets))
    expected = theirs(IDS, labels=torch.where(targets >= 0, targets, -100)).loss
    torch.testing.assert_close(loss / count, expected)


@torch.inference_mode()
def test_the_decoder_is_gpt2(tmp_path: Path) -> None:
    model = written(CausalLanguageModel, tmp_path)
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    hidden = model.module.decoder(IDS)
    torch.testing.assert_close(AutoModel.from_pretrained(tmp_path).eval()(IDS).last_hidden_state, hidden)
    torch.testing.assert_close(theirs(IDS).logits, model.module(hidden))
    targets = torch.cat([IDS[:, 1:], torch.full((3, 1), -1)], dim=1)
    loss, count = model.losses(batch(targets))
    torch.testing.assert_close(loss / count, theirs(IDS, labels=IDS).loss)


@pytest.mark.parametrize("kind", [MaskedLanguageModel, CausalLanguageModel])
def test_the_table_of_tokens_is_learnt_from_both_its_uses(kind: type[Model]) -> None:
    torch.manual_seed(0)
    model = kind(CONFIG)
    loss, _ = model.losses(batch(IDS))
    loss.backward()
    table = next(p for name, p in model.module.named_parameters() if name.endswith("tokens.weight"))
    assert table.grad is not None
    assert table.grad[:5].abs().sum() > 0, "of tokens that are in no text, as outputs"
