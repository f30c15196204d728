import json
from pathlib import Path
from typing import Any

import pytest

from baselines.checkpoints.config import has_masked_head, may_have_head, read_config
from harness.errors import UsageError


def reads(path: Path, **config: Any) -> str:
    """Return what is said of a configuration; empty where it is taken."""
    (path / "config.json").write_text(json.dumps(config))
    try:
        read_config(path / "config.json")
    except UsageError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (
            {"model_type": "bart", "architectures": ["BartModel"]},
            "bart is an encoder-decoder; only encoders and causal",
        ),
        ({"model_type": "t5"}, "t5 is an encoder-decoder"),
        ({"model_type": "bert", "is_encoder_decoder": True}, "bert is an encoder-decoder"),
        (
            {"model_type": "bert", "is_decoder": True, "architectures": ["BertLMHeadModel"]},
            "BertLMHeadModel is an encoder made causal",
        ),
        ({"model_type": "xlnet"}, "xlnet reads texts from padding on the left"),
        ({"model_type": "vit"}, "'vit' is none of those that are tested"),
        ({"model_type": 3}, "it has no 'model_type'"),
        ({}, "it has no 'model_type'"),
        ({"model_type": "\x1b[2J" * 500}, "none of those that are tested"),
        ({"model_type": "bert", "_attn_implementation": "org/kernel"}, "asks the hub for code"),
        ({"model_type": "bert", "attn_implementation": "org/kernel@v1:fn"}, "asks the hub for code"),
        ({"model_type": "bert", "text_config": {"_attn_implementation": "org/kernel"}}, "asks the hub for code"),
        ({"model_type": "bert", "attn_implementation": {"": "org/kernel"}}, "asks the hub for code"),
        ({"model_type": "bert", "experts_implementation": "org/kernel"}, "asks the hub for code"),
        ({"model_type": "bert", "quantization_config": {"quant_method": "bitsandbytes"}}, "are quantised"),
    ],
)
def test_what_cannot_be_fine_tuned_is_refused_by_name(tmp_path: Path, config: dict[str, Any], told: str) -> None:
    said = reads(tmp_path, **config)
    assert told in said
    assert said.isprintable()
    assert len(said.removeprefix(str(tmp_path))) < 900


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "bert", "_attn_implementation": "sdpa", "architectures": ["BertForMaskedLM"]},
        {"model_type": "modernbert", "_attn_implementation_autoset": True},
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"]},
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]},
        {"model_type": "xlm", "architectures": ["XLMWithLMHeadModel"]},
        {"model_type": "bert", "architectures": None, "auto_map": {"AutoModel": "code.Model"}},
    ],
)
def test_encoders_and_causal_models_are_taken(tmp_path: Path, config: dict[str, Any]) -> None:
    assert reads(tmp_path, **config) == ""


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        *(("BertModel", False), ("BertForMaskedLM", False), ("ElectraForPreTraining", False)),
        *(("XLMWithLMHeadModel", False), ("BertForSequenceClassification", True), ("BertForQuestionAnswering", True)),
        ("", True),
    ],
)
def test_which_classes_bring_a_trained_head(architecture: str, expected: bool) -> None:
    assert may_have_head({"architectures": [architecture] if architecture else None}) == expected


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        *(("BertForMaskedLM", True), ("BertForPreTraining", True), ("XLMWithLMHeadModel", True)),
        *(
            ("BertModel", False),
            ("ElectraForPreTraining", False),
            ("BertForSequenceClassification", False),
            ("", False),
        ),
    ],
)
def test_which_classes_bring_a_head_for_masked_tokens(architecture: str, expected: bool) -> None:
    assert has_masked_head({"architectures": [architecture] if architecture else None}) == expected
