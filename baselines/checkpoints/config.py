"""What a checkpoint's ``config.json`` says that it is; only types that are tested are taken, and none with code."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from baselines.checkpoints.files import brief, read_object
from harness.errors import UsageError

ENCODERS = frozenset(
    {
        *("albert", "bert", "big_bird", "camembert", "convbert", "data2vec-text", "deberta", "deberta-v2"),
        *("distilbert", "electra", "ernie", "eurobert", "flaubert", "fnet", "funnel", "gte", "ibert"),
        *("jina_embeddings_v3", "layoutlm", "longformer", "luke", "markuplm", "megatron-bert", "mobilebert"),
        *("modernbert", "mpnet", "mra", "nomic_bert", "nystromformer", "rembert", "roberta", "roberta-prelayernorm"),
        *("roc_bert", "roformer", "squeezebert", "ultrabert", "xlm", "xlm-roberta", "xlm-roberta-xl", "xmod", "yoso"),
    }
)
"""Model types whose logits through the harness equal those of transformers: ``python -m tests.bench.encoders``."""
WITHOUT_SPANS = frozenset({"eurobert", "gte", "layoutlm", "nomic_bert"})
"""Those for which transformers has no head that extracts spans."""
CAUSAL = frozenset(
    {
        *("bloom", "codegen", "cohere", "cohere2", "ctrl", "deepseek_v2", "deepseek_v3", "exaone4", "falcon", "gemma"),
        *("gemma2", "gemma3", "gemma3_text", "glm", "glm4", "gpt-sw3", "gpt2", "gpt_bigcode", "gpt_neo", "gpt_neox"),
        *("gpt_oss", "gptj", "granite", "jamba", "llama", "llama4", "llama4_text", "mamba", "mamba2", "ministral"),
        *("mistral", "mixtral", "modernbert-decoder", "mpt", "nemotron", "olmo", "olmo2", "olmo3", "openai-gpt", "opt"),
        *("persimmon", "phi", "phi3", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "qwen3_next", "rwkv", "smollm3"),
        *("stablelm", "starcoder2", "xglm", "biogpt", "zamba", "zamba2"),
    }
)
ENCODER_DECODERS = frozenset(
    {
        *("bart", "bigbird_pegasus", "blenderbot", "blenderbot-small", "encoder-decoder", "fsmt", "led", "longt5"),
        *("m2m_100", "marian", "mbart", "mt5", "mvp", "nllb-moe", "pegasus", "pegasus_x", "plbart", "prophetnet"),
        *("switch_transformers", "t5", "t5gemma", "t5gemma2", "umt5"),
    }
)
GENERATING = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
MASKED = ("XLMWithLMHeadModel", "FlaubertWithLMHeadModel")
"""Classes of masked language models whose names end as those of causal ones do."""
SAFE_ATTENTION = (None, "eager", "sdpa", "flash_attention_2", "flash_attention_3", "flex_attention")
ONLY = "only encoders and causal language models are supported so far"


def read_config(path: Path) -> dict[str, Any]:
    """Return a checkpoint's ``config.json``.

    Raises:
        UsageError: it is not one of a type that is supported, or asks for code or quantised weights.
    """
    config = read_object(path)
    kind, architecture = config.get("model_type"), architecture_of(config)
    if not isinstance(kind, str):
        raise UsageError(f"{path} is not the configuration of a model: it has no 'model_type'.")
    if reason := _reason_against(kind, architecture, config):
        raise UsageError(f"{path}: {reason}.")
    for key, value in _attention(config):
        if isinstance(value, str | dict) and value not in SAFE_ATTENTION:
            raise UsageError(
                f"{path}: {key} {brief(repr(value))} asks the hub for code, and no code of a checkpoint is run; "
                "remove the line."
            )
    if config.get("quantization_config") is not None:
        raise UsageError(f"{path}: the weights are quantised (quantization_config), and such ones cannot be trained.")
    return config


def architecture_of(config: Mapping[str, Any]) -> str:
    """Return the class that a checkpoint was saved from; empty where that is not known."""
    named = config.get("architectures")
    return named[0] if isinstance(named, list) and named and isinstance(named[0], str) else ""


def is_pretraining(architecture: str) -> bool:
    """Return whether a class is of pre-training: no layer was learnt from a task."""
    return architecture.endswith(("ForMaskedLM", "ForPreTraining", "WithLMHeadModel"))


def is_causal(config: Mapping[str, Any]) -> bool:
    """Return whether a checkpoint is of a causal language model."""
    return config["model_type"] in CAUSAL


def generates(config: Mapping[str, Any]) -> bool:
    """Return whether a causal checkpoint may hold the head that predicts the next token."""
    architecture = architecture_of(config)
    return architecture.endswith(GENERATING) or not architecture


def has_masked_head(config: Mapping[str, Any]) -> bool:
    """Return whether a checkpoint holds a head that predicts masked tokens; ELECTRA's tells true from false ones."""
    architecture = architecture_of(config)
    return is_pretraining(architecture) and architecture != "ElectraForPreTraining"


def may_have_head(config: Mapping[str, Any]) -> bool:
    """Return whether a checkpoint may hold a head that was trained on a task."""
    architecture = architecture_of(config)
    return not (is_pretraining(architecture) or architecture.endswith("Model"))


def _reason_against(kind: str, architecture: str, config: Mapping[str, Any]) -> str:
    """Return why a model of this type cannot be had, or an empty string."""
    name = brief(kind)
    if kind in ENCODER_DECODERS or config.get("is_encoder_decoder") is True:
        return f"{name} is an encoder-decoder; {ONLY}"
    if kind in CAUSAL:
        return ""
    if kind == "xlnet":
        return "xlnet reads texts from padding on the left, and its head the last token, which is not supported"
    if kind not in ENCODERS:
        code = ", and needs code of its own, and no code of a checkpoint is run" if "auto_map" in config else ""
        known = f"{', '.join(sorted(ENCODERS))}; or a causal one"
        return f"its model type {name!r} is none of those that are tested{code} ({known})"
    if config.get("is_decoder") is True or (architecture.endswith(GENERATING) and architecture not in MASKED):
        return f"{brief(architecture) or name} is an encoder made causal (is_decoder), which is not supported"
    return ""


def _attention(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the settings, nested ones too, that name an implementation, which can be one of the hub's."""
    pending: list[Any] = [config]
    while pending:
        held = pending.pop()
        if isinstance(held, Mapping):
            yield from ((key, value) for key, value in held.items() if "_implementation" in key)
            pending.extend(held.values())
        elif isinstance(held, list):
            pending.extend(held)
