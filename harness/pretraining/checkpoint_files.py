"""The files of a finished pretraining, as transformers reads them: weights, configuration, tokenizer, model card."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor

from harness.api.pretraining import END_ID, MASK_ID, PAD_ID, START_ID, UNKNOWN_ID
from harness.pretraining.record import PretrainingRecord

OBJECTIVES = {"mlm": "masked tokens (15 %)", "clm": "the next token"}
AUTO = {"mlm": "AutoModelForMaskedLM", "clm": "AutoModelForCausalLM"}


def save_weights(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Write the weights, each in float32 and by itself."""
    held = {name: tensor.detach().float().cpu().contiguous() for name, tensor in tensors.items()}
    save_file(held, path, metadata={"format": "pt"})


def checkpoint_texts(config: Mapping[str, Any], tokenizer: Tokenizer, record: PretrainingRecord) -> dict[str, str]:
    """Return the texts of all other files by name, but for the record's own."""
    return {
        "config.json": _json(config),
        "tokenizer.json": tokenizer.to_str(pretty=True),
        "tokenizer_config.json": _json(_tokenizer_config(config, tokenizer, record)),
        "README.md": model_card(record),
    }


def _tokenizer_config(config: Mapping[str, Any], tokenizer: Tokenizer, record: PretrainingRecord) -> dict[str, Any]:
    length = config.get("max_position_embeddings", config.get("n_positions"))
    names = {"pad": PAD_ID, "unk": UNKNOWN_ID, "mask": MASK_ID}
    names |= {"cls": START_ID, "sep": END_ID} if record.objective == "mlm" else {"bos": START_ID, "eos": END_ID}
    tokens = {f"{name}_token": tokenizer.id_to_token(number) for name, number in names.items()}
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": length,
        "split_special_tokens": True,  # an "<unk>" in a text is plain text, as it was in the corpus
        **tokens,
    }


def model_card(record: PretrainingRecord) -> str:
    """Return a model card in Markdown."""
    asked, held_out = record.identity, record.held_out
    unit = "a masked token" if record.objective == "mlm" else "a token"
    rows = {
        "Architecture": f"{record.model}, {record.num_parameters:,} parameters",
        "Objective": f"{OBJECTIVES[record.objective]} ({record.objective})",
        "Corpus": f"{record.corpus}: {record.documents:,} documents, {record.corpus_tokens:,} tokens to train on, "
        f"fingerprint `{asked['corpus']}`",
        "Tokenizer": f"{asked['tokenizer']}, {record.vocabulary_size:,} tokens, trained on the corpus",
        "Learnt from": f"{record.tokens:,} tokens in {record.steps:,} steps of {asked['batch_size']} windows of "
        f"{asked['length']} tokens",
        "Recipe": f"AdamW, learning rate {asked['learning_rate']:g}, {asked['schedule']} schedule with "
        f"{asked['warmup_ratio']:.0%} warm-up, weight decay {asked['weight_decay']:g}, dropout {asked['dropout']:g}, "
        f"seed {asked['seed']}, {record.precision}",
        "Held-out loss": f"{held_out.loss:.4f} nats {unit}, {held_out.bits_per_byte:.4f} bits a byte",
        "Time": f"{record.seconds:,.0f} s on {record.device}, {record.tokens_per_second:,.0f} tokens a second",
        "Operations": "not counted" if record.flops is None else f"{record.flops:.3g} FLOPs",
        "Energy": "the machine does not tell" if record.joules is None else f"{record.joules / 3600:,.1f} Wh",
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return (
        "---\nlibrary_name: transformers\ntags: [pretraining, harness]\n---\n"
        f"# {record.model}, pretrained ({record.objective})\n\n| | |\n|---|---|\n{table}\n\n"
        f"Load it with `transformers.{AUTO[record.objective]}.from_pretrained(FOLDER)`, or fine-tune it with "
        "`python -m harness run --model FOLDER`.\n"
    )


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
