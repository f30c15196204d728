"""Training state on disk: all of it comes back, bit for bit, and what is no checkpoint is taken for none."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from harness.system.sealed import DamagedError
from harness.training import checkpoint
from harness.training.checkpoint import FORMAT, Progress, read_progress, restore, save
from harness.training.tensor_files import writing

HALF_WAY = Progress(
    step=2,
    num_steps=4,
    seconds=1.1,
    borrowed_seconds=0.5,
    precision="float32",
    losses=(0.1 + 0.2, 1e-17),
    micro_batches=2,
)
FINISHED = replace(HALF_WAY, step=4)


class Tied(nn.Module):
    """Weights that are tied, a buffer that is kept and one that is not, and a parameter that never learns."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.words = nn.Embedding(6, 4)
        self.head = nn.Linear(4, 6)
        self.head.weight = self.words.weight
        self.frozen = nn.Parameter(torch.arange(3.0), requires_grad=False)  # whoever makes the module knows it
        self.register_buffer("counts", torch.randn(2))
        self.register_buffer("scratch", torch.randn(2), persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.words(ids))  # (B, L, 6)


def make(seed: int, *, num_steps: int = 0) -> tuple[Tied, torch.optim.Optimizer]:
    module = Tied(seed)
    optimizer = torch.optim.AdamW(module.parameters(), lr=0.1)
    for _ in range(num_steps):
        step(module, optimizer)
    return module, optimizer


def step(module: Tied, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    module(torch.tensor([[1, 2, 3]])).square().mean().backward()
    optimizer.step()


def keys(path: Path) -> set[str]:
    with safe_open(path, framework="pt") as file:
        return set(file.keys())


def assert_same_weights(one: nn.Module, other: nn.Module) -> None:
    assert one.state_dict().keys() == other.state_dict().keys()
    for name, tensor in one.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name


def test_weights_and_moments_come_back_and_training_goes_on_the_same(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    module, optimizer = make(0, num_steps=2)
    save(path, module, optimizer, HALF_WAY)
    other, other_optimizer = make(1)
    restore(path, other, other_optimizer)
    assert_same_weights(module, other)
    assert other.head.weight is other.words.weight
    assert torch.equal(module.counts, other.counts)
    assert not torch.equal(module.scratch, other.scratch)
    for mine, theirs in zip(module.parameters(), other.parameters(), strict=True):
        assert optimizer.state[mine].keys() == other_optimizer.state[theirs].keys()
        for field, value in optimizer.state[mine].items():
            assert torch.equal(value, other_optimizer.state[theirs][field]), field
    for _ in range(2):
        step(module, optimizer)
        step(other, other_optimizer)
    assert_same_weights(module, other)


def test_tied_weights_are_kept_once_and_a_frozen_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    save(path, *make(0, num_steps=1), HALF_WAY)
    learnt = {"words.weight", "head.bias"}
    weights = {f"model.{name}" for name in learnt | {"counts"}}
    moments = {f"optimizer.{field}.{name}" for field in ("step", "exp_avg", "exp_avg_sq") for name in learnt}
    assert keys(path) == weights | moments


def test_a_finished_checkpoint_has_no_moments(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    module, optimizer = make(0, num_steps=2)
    save(path, module, optimizer, HALF_WAY)
    size = path.stat().st_size
    save(path, module, optimizer, FINISHED)
    assert path.stat().st_size < size
    assert not [key for key in keys(path) if key.startswith("optimizer.")]
    other, _ = make(1)
    restore(path, other, None)
    assert_same_weights(module, other)


def test_weights_that_are_not_contiguous_come_back(tmp_path: Path) -> None:
    module = nn.Linear(3, 3)
    module.weight = nn.Parameter(torch.randn(3, 3).T)
    save(tmp_path / "checkpoint", module, torch.optim.AdamW(module.parameters()), HALF_WAY)
    other = nn.Linear(3, 3)
    restore(tmp_path / "checkpoint", other, None)
    assert_same_weights(module, other)


@pytest.mark.parametrize("progress", [HALF_WAY, FINISHED], ids=["half way", "finished"])
def test_progress_comes_back_to_the_last_digit(tmp_path: Path, progress: Progress) -> None:
    save(tmp_path / "checkpoint", *make(0), progress)
    assert read_progress(tmp_path / "checkpoint") == progress
    assert progress.finished == (progress is FINISHED)


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    assert read_progress(None) is None
    assert read_progress(path) is None


def write_about(path: Path, about: str) -> None:
    with writing(path, about) as (temporary, metadata):
        save_file({"model.x": torch.zeros(1)}, temporary, metadata=metadata)


BROKEN: dict[str, Callable[[Path], object]] = {
    "no safetensors": lambda path: path.write_bytes(b"no safetensors at all"),
    "empty": lambda path: path.write_bytes(b""),
    "no checksum": lambda path: save_file({"model.x": torch.zeros(1)}, path, metadata={"format": FORMAT}),
    "of another version": lambda path: write_about(path, f"{FORMAT}0\n{{}}"),
    "no progress": lambda path: write_about(path, FORMAT),
    "progress that cannot be": lambda path: write_about(path, f'{FORMAT}\n{{"step": -1}}'),
    "deep": lambda path: write_about(path, f"{FORMAT}\n{'[' * 100_000}"),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "a flipped bit of the weights": lambda path: path.write_bytes(path.read_bytes()[:-9] + bytes(9)),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "a link to itself": lambda path: (path.unlink(), path.symlink_to(path)),
}


@pytest.mark.parametrize("break_it", BROKEN.values(), ids=BROKEN)
def test_what_is_damaged_is_said_to_be(tmp_path: Path, break_it: Callable[[Path], object]) -> None:
    path = tmp_path / "checkpoint"
    save(path, *make(0, num_steps=1), HALF_WAY)
    break_it(path)
    with pytest.raises(DamagedError):
        read_progress(path)


def test_the_checkpoint_of_another_network_changes_nothing(tmp_path: Path) -> None:
    save(tmp_path / "checkpoint", *make(0), HALF_WAY)
    other = nn.Linear(2, 2)
    before = other.weight.clone()
    with pytest.raises(DamagedError, match="of another network"):
        restore(tmp_path / "checkpoint", other, None)
    assert torch.equal(other.weight, before)


def test_a_full_disk_is_an_error_that_names_the_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object, **__: object) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(checkpoint, "save_file", fill)
    with pytest.raises(OSError, match="No space left on device") as raised:
        save(tmp_path / "checkpoint", *make(0), HALF_WAY)
    assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, str(tmp_path / "checkpoint"))
    assert not list(tmp_path.iterdir())
