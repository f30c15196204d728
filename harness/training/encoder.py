"""A trained encoder on disk, for trainings on other tasks to begin with: one safetensors file, written whole."""

from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from harness.api.network import EncoderNetwork, Network
from harness.errors import TrainingError
from harness.system.sealed import DamagedError
from harness.training.checkpoint import state_of
from harness.training.tensor_files import read_about, writing

FORMAT = "harness-encoder-1"


def save_encoder(path: Path, network: Network) -> None:
    """Write the weights of a network's encoder."""
    assert isinstance(network, EncoderNetwork), "a spec that shares its encoder builds such networks"
    tensors = {name: tensor.detach().contiguous() for name, tensor in state_of(network.encoder).items()}
    with writing(path, FORMAT) as (temporary, metadata):
        save_file(tensors, temporary, metadata=metadata)


@torch.no_grad()
def load_encoder(path: Path, network: Network) -> None:
    """Copy the weights of an encoder into that of a network, whose head stays as it is.

    Raises:
        TrainingError: they cannot be read, or are of another encoder; then nothing is copied.
    """
    assert isinstance(network, EncoderNetwork), "a spec that shares its encoder builds such networks"
    state = state_of(network.encoder)
    try:
        if (kind := read_about(path)) != FORMAT:
            raise DamagedError(f"they are of another version ({kind[:40]!r}, this one writes {FORMAT!r})")
        with safe_open(path, framework="pt") as file:
            held = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if _shapes(held) != _shapes(state):
            raise DamagedError("they are of another encoder")
    except (OSError, DamagedError) as error:
        raise TrainingError(f"the weights to begin with, {path}, cannot be taken up: {error}") from error
    for name, tensor in state.items():
        tensor.copy_(held[name])


def _shapes(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in tensors.items()}
