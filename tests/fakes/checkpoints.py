"""Builders of tiny tokenizers and randomly initialised checkpoints."""

import json
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

TEXT = [
    "Ada wrote the first program in 1843, for an engine that nobody had built.",
    "The engine was to be driven by steam; who wrote of it, and when?",
    "a red engine, a green engine; the red film, the green film: red, green",
]


def wordpiece_tokenizer() -> Tokenizer:
    """Return a lower-casing WordPiece tokenizer that joins texts as BERT does: ``[CLS] text [SEP] pair [SEP]``."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = sorted({"the", "engine", "red", "green"} | set(string.ascii_lowercase + string.digits))
    pieces = [*special, *words, *(f"##{character}" for character in string.ascii_lowercase + string.digits), "?", "."]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def byte_level_tokenizer() -> Tokenizer:
    """Return a byte-level BPE tokenizer that joins texts as RoBERTa does: ``<s> text </s></s> pair </s>``."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=special,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=False)
    return tokenizer


def unigram_tokenizer() -> Tokenizer:
    """Return a Unigram tokenizer with SentencePiece's ``▁`` for a space, as ALBERT's and DeBERTa's."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = ["▁", "▁the", "▁Ada", "▁red", "▁green", *string.ascii_letters, *string.digits, ",", ".", "?", "ine"]
    scores = [*((piece, 0.0) for piece in special), *((piece, -float(len(piece) < 2) - 1) for piece in pieces)]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=1, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return tokenizer


@dataclass(frozen=True, kw_only=True)
class Family:
    """A kind of encoder: its model type, its tokenizer, and the tiny configuration of a test."""

    model_type: str
    tokenizer: Callable[[], Tokenizer]
    settings: Mapping[str, Any] = field(default_factory=dict)


QUICK = {"initializer_range": 0.2, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
QUICK |= {"dropout": 0.0, "attention_dropout": 0.0, "seq_classif_dropout": 0.0, "classifier_dropout_prob": 0.0}
"""With the usual small first weights and dropout, so narrow a model takes long to learn anything."""
TINY = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
POSITIONS = {"max_position_embeddings": 64}
BYTE_LEVEL = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "max_position_embeddings": 66}
DEBERTA = {
    "relative_attention": True,
    "position_biased_input": False,
    "type_vocab_size": 0,
    "pos_att_type": ["p2c", "c2p"],
}
FAMILIES = {
    "bert": Family(model_type="bert", tokenizer=wordpiece_tokenizer, settings=TINY | POSITIONS),
    "distilbert": Family(
        model_type="distilbert",
        tokenizer=wordpiece_tokenizer,
        settings={"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64} | POSITIONS,
    ),
    "roberta": Family(
        model_type="roberta", tokenizer=byte_level_tokenizer, settings=TINY | BYTE_LEVEL | {"type_vocab_size": 1}
    ),
    "electra": Family(
        model_type="electra", tokenizer=wordpiece_tokenizer, settings=TINY | POSITIONS | {"embedding_size": 16}
    ),
    "albert": Family(
        model_type="albert", tokenizer=unigram_tokenizer, settings=TINY | POSITIONS | {"embedding_size": 16}
    ),
    "deberta-v2": Family(
        model_type="deberta-v2",
        tokenizer=wordpiece_tokenizer,
        settings=TINY | POSITIONS | DEBERTA | {"position_biased_input": True, "type_vocab_size": 2},
    ),
    "deberta-v3": Family(
        model_type="deberta-v2",
        tokenizer=unigram_tokenizer,
        settings=TINY
        | POSITIONS
        | DEBERTA
        | {"position_buckets": 16, "norm_rel_ebd": "layer_norm", "share_att_key": True},
    ),
    "mpnet": Family(model_type="mpnet", tokenizer=byte_level_tokenizer, settings=TINY | BYTE_LEVEL),
    "modernbert": Family(
        model_type="modernbert",
        tokenizer=wordpiece_tokenizer,
        settings=TINY
        | POSITIONS
        | {"pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}
        | {"local_attention": 8, "global_attn_every_n_layers": 2},
    ),
}


def save_checkpoint(folder: Path, name: str) -> Path:
    """Write a tiny, randomly initialised encoder of one of ``FAMILIES``, with its tokenizer, and return its folder."""
    import torch
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

    family = FAMILIES[name]
    tokenizer = family.tokenizer()
    special = (
        ("[CLS]", "[SEP]", "[PAD]", "[UNK]") if tokenizer.token_to_id("[CLS]") else ("<s>", "</s>", "<pad>", "<unk>")
    )
    cls, sep, pad, unk = special
    config = AutoConfig.for_model(family.model_type, vocab_size=tokenizer.get_vocab_size(), **QUICK, **family.settings)
    torch.manual_seed(0)
    AutoModel.from_config(config).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, cls_token=cls, sep_token=sep, pad_token=pad, unk_token=unk
    ).save_pretrained(folder)
    return folder


def change_json(path: Path, **changes: Any) -> None:
    """Set keys of a JSON object in a file."""
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def shard(folder: Path, names: Sequence[str]) -> None:
    """Divide the weights in a folder among files of these names, with an index, as large checkpoints are."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    parts = {name: list(weights)[number :: len(names)] for number, name in enumerate(names)}
    for name, tensors in parts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        save_file({tensor: weights[tensor] for tensor in tensors}, folder / name, metadata={"format": "pt"})
    weight_map = {tensor: name for name, tensors in parts.items() for tensor in tensors}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    (folder / "model.safetensors").unlink()


ROTARY = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
          "max_position_embeddings": 64}  # fmt: skip
GROUPED = {**ROTARY, "num_key_value_heads": 2}
LANGUAGE_MODELS = {
    "llama": {**GROUPED, "tie_word_embeddings": True},
    "mistral": {**GROUPED, "sliding_window": 8},
    "qwen2": {**GROUPED, "tie_word_embeddings": True},
    "qwen3": {**GROUPED, "head_dim": 8},
    "gemma": {**GROUPED, "head_dim": 8},
    "phi": GROUPED,
    "gpt_neox": ROTARY,
    "opt": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "ffn_dim": 64,
            "word_embed_proj_dim": 16, "max_position_embeddings": 64},
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64},
    "mamba": {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 4},
    "bert": {**TINY, **POSITIONS},
    "roberta": {**TINY, **BYTE_LEVEL, "type_vocab_size": 1},
    "distilbert": {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64, **POSITIONS},
}  # fmt: skip
MASKED = {"bert", "roberta", "distilbert"}


def save_language_model(folder: Path, model_type: str, **changes: Any) -> Path:
    """Write a tiny, randomly initialised language model, causal or masked, with its tokenizer; return its folder."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, PreTrainedTokenizerFast

    words = model_type in {"bert", "distilbert"}
    tokenizer = wordpiece_tokenizer() if words else byte_level_tokenizer()
    names = ("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]") if words else ("<s>", "</s>", "<pad>", "<unk>", "<mask>")
    first, last, pad, unknown, mask = names
    special = {"pad_token": pad, "unk_token": unknown, "mask_token": mask}
    special |= {"cls_token": first, "sep_token": last} if words else {"bos_token": first, "eos_token": last}
    settings = {"initializer_range": 0.3, "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1}
    known = {**QUICK, **settings, **LANGUAGE_MODELS[model_type], **changes}
    config = AutoConfig.for_model(model_type, vocab_size=tokenizer.get_vocab_size(), **known)
    torch.manual_seed(0)
    auto = AutoModelForMaskedLM if model_type in MASKED else AutoModelForCausalLM
    auto.from_config(config).save_pretrained(folder)
    if model_type not in MASKED:
        tokenizer.post_processor = None
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    return folder


def save_adapter(folder: Path, base: Path, kind: Any, **options: Any) -> Any:
    """Write an adapter of peft's for a base, whose matrices are random, and return its model, merged."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(1)
    whole = kind.from_pretrained(base, dtype=torch.float32)
    convolves = whole.config.model_type == "gpt2"
    targets = ["c_attn"] if convolves else ["q_proj", "query"]
    config = LoraConfig(r=4, lora_alpha=8, target_modules=targets, fan_in_fan_out=convolves, **options)
    model = get_peft_model(whole, config)
    for name, parameter in model.named_parameters():
        if "lora_B" in name or "modules_to_save" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(folder)
    return model.merge_and_unload().eval()


GGUF_NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "model.layers.": "blk.",
}  # fmt: skip


def save_gguf(path: Path, llama: Path) -> Path:
    """Write a tiny LLaMA of :func:`save_language_model` as a file of GGUF with weights in Q8_0, and return its path."""
    import gguf
    from safetensors.numpy import load_file

    config = json.loads((llama / "config.json").read_text())
    words = json.loads((llama / "tokenizer.json").read_text())["model"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(sorted(words["vocab"], key=words["vocab"].__getitem__))
    writer.add_token_merges([" ".join(merge) for merge in words["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    for name, tensor in load_file(llama / "model.safetensors").items():
        for theirs, own in GGUF_NAMES.items():
            name = name.replace(theirs, own)  # noqa: PLW2901 (bit by bit)
        part = name.split(".")[-2]
        if part in heads:  # llama.cpp turns pairs of dimensions that lie side by side
            tensor = tensor.reshape(heads[part], 2, -1, tensor.shape[1]).swapaxes(1, 2).reshape(tensor.shape)  # noqa: PLW2901
        kind = gguf.GGMLQuantizationType.F32 if tensor.ndim == 1 else gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quants.quantize(tensor, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
