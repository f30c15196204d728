"""An adapter of peft's added to its base: the same as peft's own merging."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

from baselines.networks.causal import load_causal
from baselines.networks.merging import merge_adapter
from baselines.networks.pretrained import load_network
from harness.api.output import Classification
from harness.api.recipe import Encoding
from tests.fakes.checkpoints import save_adapter, save_checkpoint, save_language_model

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")  # peft's own
IDS = torch.tensor([[0, 7, 8, 9, 2]])


@pytest.mark.parametrize("family", ["llama", "gpt2"])
@pytest.mark.parametrize("options", [{}, {"use_rslora": True, "modules_to_save": ["lm_head"]}])
def test_a_causal_models_adapter(family: str, options: dict[str, Any], tmp_path: Path) -> None:
    base = save_language_model(tmp_path / "base", family, tie_word_embeddings=False)
    merged = save_adapter(tmp_path / "adapter", base, AutoModelForCausalLM, task_type="CAUSAL_LM", **options)
    ours = AutoModelForCausalLM.from_pretrained(base).eval()
    with torch.no_grad():
        plain = ours(IDS).logits
        merge_adapter(ours, tmp_path / "adapter")
        torch.testing.assert_close(ours(IDS).logits, merged(IDS).logits, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(plain, ours(IDS).logits, atol=1e-2)
    network = load_causal(base, device="cpu", window=None, stride=None, adapter=tmp_path / "adapter")
    for name, parameter in ours.named_parameters():
        assert torch.equal(parameter, network.model.get_parameter(name)), name


def test_a_classifiers_adapter_is_merged_and_its_head_left_out(tmp_path: Path) -> None:
    base = save_checkpoint(tmp_path / "base", "bert")
    merged = save_adapter(tmp_path / "adapter", base, AutoModelForSequenceClassification, task_type="SEQ_CLS")
    two, adapter = Classification(labels=("no", "yes")), tmp_path / "adapter"
    torch.manual_seed(5)
    ours: Any = load_network(base, output=two, encoding=Encoding(), adapter=adapter).module.model
    torch.manual_seed(5)
    fresh: Any = load_network(base, output=two, encoding=Encoding()).module.model
    assert torch.equal(ours.classifier.weight, fresh.classifier.weight)
    name = "encoder.layer.0.attention.self.query.weight"
    torch.testing.assert_close(ours.bert.get_parameter(name), merged.bert.get_parameter(name))
    assert not torch.equal(ours.bert.get_parameter(name), fresh.bert.get_parameter(name))


def test_a_matrix_without_a_place_is_refused(tmp_path: Path) -> None:
    base = save_language_model(tmp_path / "base", "llama")
    save_adapter(tmp_path / "adapter", base, AutoModelForCausalLM, task_type="CAUSAL_LM")
    other = AutoModelForCausalLM.from_pretrained(save_language_model(tmp_path / "other", "gpt2"))
    with pytest.raises(ValueError, match="which its base has no place for"):
        merge_adapter(other, tmp_path / "adapter")
    merge_adapter(other, None)
