"""Training state on disk: one safetensors file, replaced whole. What is in it is enough to go on bit for bit."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt, TypeAdapter, ValidationError
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from harness.errors import first_mistake
from harness.system.sealed import DamagedError
from harness.training.tensor_files import read_about, writing

FORMAT = "harness-checkpoint-3"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far training has come: optimizer steps done, the loss of each, seconds spent, and the precision in force.

    ``borrowed_seconds`` were spent on other cores at the same time.
    """

    step: NonNegativeInt
    num_steps: NonNegativeInt
    seconds: NonNegativeFloat
    borrowed_seconds: NonNegativeFloat
    precision: str
    losses: tuple[float, ...]
    micro_batches: PositiveInt
    """Into how many passes a batch is split, for want of memory."""
    evaluations: tuple[tuple[int, float], ...] = ()
    """What was measured meanwhile, each after so many steps."""
    evaluation_seconds: NonNegativeFloat = 0.0
    """How many of the seconds that took."""

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.step == self.num_steps


_PROGRESS = TypeAdapter(Progress)


def save(path: Path, module: nn.Module, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
    """Write progress and the weights that training can change, and while there are steps to come the moments too."""
    tensors = {f"model.{name}": tensor for name, tensor in _changing(module).items()}
    if not progress.finished:
        for name, parameter in module.named_parameters():
            for key, value in optimizer.state.get(parameter, {}).items():
                tensors[f"optimizer.{key}.{name}"] = value
    contiguous = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    about = f"{FORMAT}\n{_PROGRESS.dump_json(progress).decode()}"
    with writing(path, about) as (temporary, metadata):
        save_file(contiguous, temporary, metadata=metadata)


def read_progress(path: Path | None) -> Progress | None:
    """Return how far the checkpoint at ``path`` has come, ``None`` where there is none.

    Raises:
        DamagedError: there is one that is damaged, of another version, or cannot be read.
    """
    if path is None:
        return None
    try:
        about = read_about(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DamagedError(f"it cannot be read: {error.strerror}") from error
    kind, _, progress = about.partition("\n")
    if kind != FORMAT:
        raise DamagedError(f"it is of another version ({kind[:40]!r}, this one writes {FORMAT!r})")
    try:
        return _PROGRESS.validate_json(progress)
    except ValidationError as error:
        raise DamagedError(first_mistake(error)) from error


@torch.no_grad()
def restore(path: Path, module: nn.Module, optimizer: torch.optim.Optimizer | None) -> None:
    """Copy a checkpoint's weights into ``module``, and its moments into ``optimizer`` where one is given.

    Raises:
        DamagedError: it is of another network; then nothing is copied.
    """
    with safe_open(path, framework="pt") as file:
        held = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        parameters, state = dict(module.named_parameters()), _changing(module)
        _check_fit(held, parameters, state)
        for name, tensor in state.items():
            tensor.copy_(file.get_tensor(f"model.{name}"))
        if optimizer is None:
            return
        for key in held:
            if key.startswith("optimizer."):
                _, field, name = key.split(".", 2)
                value = file.get_tensor(key)
                # AdamW keeps its step counter where the fused kernel wants it: beside the parameter.
                optimizer.state[parameters[name]][field] = value.to(parameters[name].device)


def _check_fit(
    held: Mapping[str, tuple[int, ...]], parameters: Mapping[str, nn.Parameter], state: Mapping[str, torch.Tensor]
) -> None:
    weights = {f"model.{name}": tuple(tensor.shape) for name, tensor in state.items()}
    found = {key: shape for key, shape in held.items() if not key.startswith("optimizer.")}
    moments = {key.split(".", 2)[2] for key in held if key.startswith("optimizer.")}
    if found != weights or not moments <= parameters.keys():
        raise DamagedError("it is of another network")


def _changing(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return that of the state which training can change."""
    frozen = {name for name, parameter in module.named_parameters() if not parameter.requires_grad}
    return {name: tensor for name, tensor in state_of(module).items() if name not in frozen}


def state_of(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return parameters and persistent buffers, each storage once (weights may be tied)."""
    kept = set(module.state_dict(keep_vars=True))
    buffers = {name: buffer for name, buffer in module.named_buffers() if name in kept}
    return {**dict(module.named_parameters()), **buffers}
