"""Training state on disk: one safetensors file, replaced whole. What is in it is enough to go on bit for bit."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from harness.system.files import replacing

FORMAT = "harness-checkpoint-2"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far training has come: optimizer steps done, the loss of each, seconds spent, and the precision in force.

    ``borrowed_seconds`` were spent on other cores at the same time.
    """

    step: int
    num_steps: int
    seconds: float
    borrowed_seconds: float
    precision: str
    losses: tuple[float, ...]
    micro_batches: int
    """Into how many passes a batch is split, for want of memory."""

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.step == self.num_steps


def save(path: Path, module: nn.Module, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
    """Write weights and progress, and while there are steps to come the optimizer's moments too."""
    tensors = {f"model.{name}": tensor for name, tensor in _state(module).items()}
    if not progress.finished:
        for name, parameter in module.named_parameters():
            for key, value in optimizer.state.get(parameter, {}).items():
                tensors[f"optimizer.{key}.{name}"] = value
    contiguous = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    with replacing(path) as temporary:
        save_file(contiguous, temporary, metadata={"format": FORMAT, "progress": json.dumps(progress.__dict__)})


def read_progress(path: Path | None) -> Progress | None:
    """Return how far the checkpoint at ``path`` has come, or ``None`` if there is none that can be read."""
    if path is None or not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except (OSError, SafetensorError):
        return None
    if metadata.get("format") != FORMAT:
        return None
    fields = json.loads(metadata["progress"])
    return Progress(**{**fields, "losses": tuple(fields["losses"])})


@torch.no_grad()
def restore(path: Path, module: nn.Module, optimizer: torch.optim.Optimizer | None) -> None:
    """Copy a checkpoint's weights into ``module``, and its moments into ``optimizer`` where one is given."""
    with safe_open(path, framework="pt") as file:
        for name, tensor in _state(module).items():
            tensor.copy_(file.get_tensor(f"model.{name}"))
        if optimizer is None:
            return
        parameters = dict(module.named_parameters())
        for key in file.keys():  # noqa: SIM118 (a safetensors file is no mapping)
            if key.startswith("optimizer."):
                _, field, name = key.split(".", 2)
                value = file.get_tensor(key)
                # AdamW keeps its step counter where the fused kernel wants it: beside the parameter.
                optimizer.state[parameters[name]][field] = value.to(parameters[name].device)


def _state(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return parameters and persistent buffers, each storage once (weights may be tied)."""
    kept = set(module.state_dict(keep_vars=True))
    buffers = {name: buffer for name, buffer in module.named_buffers() if name in kept}
    return {**dict(module.named_parameters()), **buffers}
