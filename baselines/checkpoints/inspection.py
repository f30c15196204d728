"""All that a folder tells of a checkpoint without loading it: what cannot be fine-tuned is refused, each by name."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from baselines.checkpoints.config import read_config
from baselines.checkpoints.files import INDEX, WEIGHTS, brief, read_object
from baselines.checkpoints.header import read_shapes
from baselines.checkpoints.tokenizer import check_listed_tokenizer, check_tokenizer
from baselines.checkpoints.weights import check_weights, num_token_rows
from harness.errors import UsageError

ADAPTER = ("adapter_config.json", "adapter_model.safetensors", "adapter_model.bin")
MODULES = "modules.json"


def inspect(folder: Path) -> dict[str, Any]:
    """Return the configuration of the checkpoint in a folder.

    Raises:
        UsageError: what lies there is no checkpoint of an encoder with its weights and its tokenizer.
    """
    files = {file.name for file in folder.iterdir() if file.is_file()}
    _refuse_adapter(folder, files)
    if "config.json" not in files:
        raise UsageError(_not_a_checkpoint(folder))
    config = read_config(folder / "config.json")
    _require_weights(str(folder), files)
    shapes = read_shapes(folder)
    check_weights(folder, config, shapes)
    check_tokenizer(folder, num_token_rows(shapes))
    return config


def check_listing(name: str, files: set[str]) -> None:
    """Check a repository of the hub by the names of its files.

    Raises:
        UsageError: it is an adapter, or has no configuration, weights or tokenizer.
    """
    if "adapter_config.json" in files:
        raise UsageError(_adapter(name, "its base"))
    if "config.json" not in files:
        raise UsageError(f"{name} on the hub is no checkpoint: no config.json in it.")
    _require_weights(name, files)
    check_listed_tokenizer(name, files)


def _refuse_adapter(folder: Path, files: set[str]) -> None:
    if not files.intersection(ADAPTER):
        return
    base = "its base"
    if "adapter_config.json" in files:
        with suppress(UsageError):  # damaged, and an adapter all the same
            base = brief(read_object(folder / "adapter_config.json").get("base_model_name_or_path") or base)
    raise UsageError(_adapter(str(folder), base))


def _adapter(name: str, base: str) -> str:
    return (
        f"{name} is an adapter of {base}, beside other files of a checkpoint or on the hub; give a folder that holds "
        "nothing but adapter_config.json and adapter_model.safetensors."
    )


def _not_a_checkpoint(folder: Path) -> str:
    """Return what is wrong with a folder without ``config.json``, and where in it a checkpoint lies."""
    inner = sorted(path.parent.name for path in folder.glob("*/config.json") if _holds_weights(path.parent))
    if inner:
        also = " (modules.json: a model of sentence-transformers)" if (folder / MODULES).is_file() else ""
        return f"{folder} is no checkpoint, but {brief(inner[0])}/ in it is{also}: give {folder / inner[0]}."
    return f"{folder} is no checkpoint: no config.json in it; expected what save_pretrained() writes."


def _holds_weights(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (WEIGHTS, INDEX, "pytorch_model.bin"))


def _require_weights(name: str, files: set[str]) -> None:
    if files.isdisjoint({WEIGHTS, INDEX}):
        raise UsageError(
            f"{name} has no {WEIGHTS}. Weights are read from safetensors only, because a pickle such as "
            "pytorch_model.bin can run code; convert it (https://huggingface.co/docs/safetensors/convert-weights), or "
            "name a revision that has one."
        )
