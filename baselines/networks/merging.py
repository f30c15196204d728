"""An adapter of LoRA added to the weights of its base, in place: W + scale · B A (Hu et al. 2021, section 4.1)."""

import json
import math
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from baselines.checkpoints.adapter import ADAPTER_CONFIG, ADAPTER_WEIGHTS, LOW
from baselines.checkpoints.files import brief

HIGH = ".lora_B.weight"


@torch.no_grad()
def merge_adapter(model: Any, folder: Path | None) -> None:
    """Add the adapter in a folder, if one is given, to a model of its base.

    A head that the adapter holds is left out, but for one that predicts tokens.

    Raises:
        ValueError: a matrix has no place in the model, or another shape.
    """
    if folder is None:
        return
    config = json.loads((folder / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    scale = config["lora_alpha"] / (math.sqrt(config["r"]) if config.get("use_rslora") else config["r"])
    held = {
        name.removeprefix("base_model.model."): tensor.float()
        for name, tensor in load_file(folder / ADAPTER_WEIGHTS).items()
    }
    for name, tensor in held.items():
        if name.endswith(LOW):
            module = name.removesuffix(LOW)
            product = scale * held[module + HIGH] @ tensor
            _add(model, f"{module}.weight", product.T if config.get("fan_in_fan_out") else product)
        elif not name.endswith(HIGH):
            _replace(model, name, tensor)


def _add(model: Any, name: str, product: Tensor) -> None:
    parameter = _find(model, name)
    if parameter is not None and parameter.shape == product.shape:
        parameter += product
    elif parameter is not None or name.count(".") > 1:  # with one point, it is a head that this model lacks
        raise ValueError(f"its adapter's {brief(name)} is {tuple(product.shape)}, which its base has no place for")


def _replace(model: Any, name: str, tensor: Tensor) -> None:
    parameter = _find(model, name)
    if parameter is not None and parameter.shape == tensor.shape:
        parameter.copy_(tensor)


def _find(model: Any, name: str) -> Any:
    """Return the parameter of this name, where the names of one side may lack the first part of the others'."""
    predicting = model.get_output_embeddings()
    known = dict(model.base_model.named_parameters()) | dict(model.named_parameters() if predicting else ())
    same = [each for each in known if each == name or each.endswith(f".{name}") or name.endswith(f".{each}")]
    return known[max(same, key=len)] if same else None
