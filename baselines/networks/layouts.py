"""Our encoder and decoder in the layouts of transformers: BERT's with its masked head, and GPT-2's.

Names and the order of axes change, nothing is computed; tests load the result with ``AutoModel`` and compare logits.
"""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

BERT = {
    "embeddings.tokens": "embeddings.word_embeddings",
    "embeddings.positions": "embeddings.position_embeddings",
    "embeddings.types": "embeddings.token_type_embeddings",
    "embeddings.norm": "embeddings.LayerNorm",
    "attention.query": "attention.self.query",
    "attention.key": "attention.self.key",
    "attention.value": "attention.self.value",
    "attention.output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "expand": "intermediate.dense",
    "contract": "output.dense",
    "feed_forward_norm": "output.LayerNorm",
}
"""What a part of our encoder is called in ``BertModel``."""
GPT2 = {
    "tokens": "wte",
    "positions": "wpe",
    "norm": "ln_f",
    "attention_norm": "ln_1",
    "attention.output": "attn.c_proj",
    "feed_forward_norm": "ln_2",
    "expand": "mlp.c_fc",
    "contract": "mlp.c_proj",
}
"""What a part of our decoder is called in ``GPT2Model``, but for queries, keys and values, which are one there."""

Tensors = Mapping[str, Tensor]


def to_bert(encoder: Tensors) -> dict[str, Tensor]:
    """Return an encoder's weights under the names of ``BertModel``."""
    return {_bert_name(name): tensor for name, tensor in encoder.items()}


def from_bert(weights: Tensors, names: Iterable[str]) -> dict[str, Tensor]:
    """Return the weights of ``BertModel`` under ``names``, those of an encoder of ours."""
    return {name: weights[_bert_name(name)] for name in names}


def to_gpt2(decoder: Tensors) -> dict[str, Tensor]:
    """Return a decoder's weights under the names of ``GPT2Model``, whose layers' matrices are (in, out)."""
    weights = {}
    for name, tensor in decoder.items():
        place, part, kind = _parted(name)
        there = place.replace("layers.", "h.")
        if part == "attention.query":
            joined = torch.cat([decoder[f"{place}attention.{head}.{kind}"] for head in ("query", "key", "value")])
            weights[f"{there}attn.c_attn.{kind}"] = joined.t().contiguous()
        elif part in GPT2:
            weights[f"{there}{GPT2[part]}.{kind}"] = tensor.t().contiguous() if place else tensor
    return weights


def _bert_name(name: str) -> str:
    place, part, kind = _parted(name)
    return f"{place.replace('layers.', 'encoder.layer.')}{BERT[part]}.{kind}"


def _parted(name: str) -> tuple[str, str, str]:
    """Divide ``layers.0.attention.query.weight`` into ``layers.0.``, ``attention.query`` and ``weight``."""
    path, _, kind = name.rpartition(".")
    if not path.startswith("layers."):
        return "", path, kind
    _, number, part = path.split(".", 2)
    return f"layers.{number}.", part, kind
