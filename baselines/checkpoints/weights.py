"""Whether a checkpoint's weights are those that its ``config.json`` describes, as far as names and shapes tell."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from baselines.checkpoints.files import brief
from baselines.checkpoints.header import Shapes
from harness.errors import UsageError

TABLES = {
    "word_embeddings": "vocab_size",
    "tok_embeddings": "vocab_size",
    "embed_tokens": "vocab_size",
    "wte": "vocab_size",
    "wpe": "n_positions",
    "position_embeddings": "max_position_embeddings",
    "token_type_embeddings": "type_vocab_size",
}
"""The tables of an encoder, and the setting that says how many rows one has."""
WORDS = ("word_embeddings", "tok_embeddings", "embed_tokens", "embeddings", "word_embedding", "wte", "embed_in")
TWO_MORE_POSITIONS = frozenset({"mra", "nystromformer", "yoso"})
LAYER = re.compile(r"(?:^|\.)(?:layers?|h)\.(\d+)\.")
WIDTHS = frozenset({"hidden_size", "intermediate_size", "embedding_size", "dim", "hidden_dim", "emb_dim", "d_model"})
WIDTHS |= {"d_inner", "input_embedding_size", "pooler_hidden_size", "entity_emb_size", "moe_intermediate_size"}
ROTARY = ("rope", "position", "window", "max_seq")
MOST = 100_000
"""Of any other setting: token ids, and positions without a table."""
SHARED_LAYERS = frozenset({"albert", "funnel"})


def num_token_rows(shapes: Shapes) -> int | None:
    """Return how many rows the table of tokens has; ``None`` where none has a name that is known."""
    rows = [shape[0] for name, shape in shapes.items() if shape and _table(name) in WORDS]
    return max(rows, default=None)


def check_weights(folder: Path, config: Mapping[str, Any], shapes: Shapes) -> None:
    """Compare the weights' names and shapes with the sizes in ``config.json``.

    Raises:
        UsageError: a table has another size, there are more layers or fewer, or the weights are an adapter's.
    """
    if any(".lora_" in name or ".base_layer." in name for name in shapes):
        raise UsageError(
            f"{folder}: its weights hold an adapter that was not merged (lora_A, lora_B); merge it first: "
            "model.merge_and_unload().save_pretrained()."
        )
    for name, shape in shapes.items():
        setting = TABLES.get(_table(name))
        if setting and shape:
            _check_rows(folder, name, shape[0], setting, config)
    if config["model_type"] not in SHARED_LAYERS:
        _check_layers(folder, config, shapes)
    _check_width(folder, config, shapes)
    _check_sizes(folder, config, shapes)


def _table(name: str) -> str:
    """Return what a table is called, from ``bert.embeddings.word_embeddings.weight``; empty for another tensor."""
    parts = name.split(".")
    return parts[-2] if len(parts) > 1 and parts[-1] == "weight" else ""


def _check_rows(folder: Path, name: str, rows: int, setting: str, config: Mapping[str, Any]) -> None:
    expected = config.get(setting)
    more = 2 if setting == "max_position_embeddings" and config["model_type"] in TWO_MORE_POSITIONS else 0
    if isinstance(expected, int) and rows != expected + more:
        raise UsageError(
            f"{folder}: {name} has {rows:,} rows, config.json says {setting} {_number(expected)}; mend config.json, or "
            "take the weights that belong to it."
        )


def _check_layers(folder: Path, config: Mapping[str, Any], shapes: Iterable[str]) -> None:
    setting = next((name for name in ("n_layers", "n_layer") if name in config), "num_hidden_layers")
    expected, found = config.get(setting), {int(layer[1][:9]) for name in shapes if (layer := LAYER.search(name))}
    if not isinstance(expected, int) or not found or found == set(range(min(expected, len(found) + 1))):
        return
    raise UsageError(
        f"{folder}: its weights have layers {_listed(found)}, config.json says {setting} {_number(expected)}; mend "
        "config.json, or take the weights that belong to it."
    )


def _check_width(folder: Path, config: Mapping[str, Any], shapes: Shapes) -> None:
    """Check that the width of the table of tokens is one of the sizes that ``config.json`` names, if it names any."""
    setting = next((key for key in ("hidden_size", "dim", "emb_dim") if isinstance(config.get(key), int)), None)
    usual = {"embedding_size", "input_embedding_size"} & set(config) or config["model_type"] in {"bert", "roberta"}
    sizes = {value for value in config.values() if isinstance(value, int)}
    for name, shape in shapes.items():
        if setting and usual and len(shape) == 2 and _table(name) in TABLES and shape[1] not in sizes:
            raise UsageError(
                f"{folder}: {name} has {shape[1]:,} columns, config.json says {setting} {_number(config[setting])}."
            )


def _check_sizes(folder: Path, config: Mapping[str, Any], shapes: Shapes) -> None:
    """Check that no size is far beyond what the weights hold: a model is allocated before its weights are compared."""
    largest, lists = max((size for shape in shapes.values() for size in shape), default=0), []
    has_positions = any("position" in name or "wpe" in name for name in shapes)
    for key, value in config.items():
        lists += [(key, each) for each in (value if isinstance(value, list) else [value]) if type(each) is int]
    for key, value in lists:
        if any(word in key for word in ROTARY) and not has_positions:
            continue  # positions that are computed take no memory
        counted = "layer" in key or "block" in key
        most = len(shapes) if counted else largest if key in WIDTHS else max(largest, MOST)
        if value > most:
            raise UsageError(
                f"{folder}: config.json says {brief(key)} {_number(value)}, its weights are {len(shapes):,} tensors of "
                f"at most {largest:,} rows or columns; mend config.json, or take the weights that belong to it."
            )


def _number(value: int) -> str:
    return f"{value:,}" if abs(value) < 10**15 else "a number of more than 15 digits"


def _listed(layers: set[int]) -> str:
    first, last = min(layers), max(layers)
    return f"{first} to {last}" if len(layers) == last - first + 1 else ", ".join(map(str, sorted(layers)[:20]))
