"""Adapters of LoRA as files: what they are called, and which modules of a checkpoint are adapted."""

import re
from collections.abc import Iterable

from baselines.checkpoints.files import brief

ADAPTER_CONFIG, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"


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
