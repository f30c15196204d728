"""Adapters of LoRA as files: what they are called, and which modules of a checkpoint are adapted."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from baselines.checkpoints.files import brief, read_object
from baselines.checkpoints.header import read_header
from harness.errors import UsageError

ADAPTER_CONFIG, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
LOW = ".lora_A.weight"
UNREAD_OPTIONS = (
    *("use_dora", "use_qalora", "use_bdlora", "lora_bias", "alpha_pattern", "rank_pattern", "layer_replication"),
    *("target_parameters", "trainable_token_indices", "alora_invocation_tokens"),
)
"""What peft can do beside, and is not merged here."""


def target_pattern(names: Iterable[str]) -> str:
    """Return the regular expression, for peft too, of modules in a layer whose names end so."""
    return rf"(.*\.)?\d+\.(.*\.)?({'|'.join(sorted(map(re.escape, names)))})"


def names_in_layers(modules: Iterable[str]) -> set[str]:
    """Return the last parts of the names of those modules that lie in a layer."""
    return {name.rpartition(".")[2] for name in modules if re.search(r"(^|\.)\d+\.", name)}


def no_target(base: str, asked: Iterable[str], there: Iterable[str]) -> str:
    """Return what is said where no module has the targets."""
    targets, known = brief(", ".join(asked)), brief(", ".join(sorted(there)))
    return f"LoRA: no module in a layer of {base} is called {targets}; there are {known}"


def read_adapter_config(folder: Path) -> dict[str, Any]:
    """Return the configuration of the adapter in a folder, after a look at its weights.

    Raises:
        UsageError: it is damaged, or of a kind that cannot be added to the weights of its base.
    """
    path, weights = folder / ADAPTER_CONFIG, folder / ADAPTER_WEIGHTS
    if not weights.is_file():
        raise UsageError(f"{folder} has no {ADAPTER_WEIGHTS} beside its {ADAPTER_CONFIG}; copy or download the rest.")
    config = read_object(path)
    if config.get("peft_type") != "LORA":
        raise UsageError(f"{path}: its peft_type is {brief(config.get('peft_type'))}; expected LORA.")
    if asked := [name for name in UNREAD_OPTIONS if config.get(name)]:
        raise UsageError(f"{path}: {asked[0]} is not supported; merge the adapter: model.merge_and_unload().")
    numbers = (config.get("r"), config.get("lora_alpha"))
    if config.get("bias", "none") != "none" or not all(isinstance(n, int | float) and n > 0 for n in numbers):
        raise UsageError(f"{path}: expected positive numbers r and lora_alpha, and no bias that is trained.")
    if not any(name.endswith(LOW) for name in read_header(weights)):
        raise UsageError(f"{weights} holds no low-rank matrices (lora_A); copy or download it again.")
    return config


def base_named(folder: Path, config: Mapping[str, Any]) -> str:
    """Return the folder of an adapter's base, where there is one, or else the name that it may have on the hub.

    A relative path is looked for from the adapter's folder first, so that it means the same wherever a command is
    given, and then from the working directory, as peft does.

    Raises:
        UsageError: it names none.
    """
    named = config.get("base_model_name_or_path")
    if not isinstance(named, str) or not named:
        raise UsageError(f"{folder / ADAPTER_CONFIG} names no base_model_name_or_path; add the base's folder or name.")
    for place in (folder / Path(named).expanduser(), Path(named).expanduser()):
        if place.is_dir():
            return str(place)
    return named
