"""Deterministic kernels are asked for on CUDA alone, and what has none is trained all the same; no GPU needed."""

import os
import subprocess
import sys

import pytest
import torch

from harness import FitSession
from harness.training import model as model_module
from harness.training.determinism import NoDeterministicKernelError, deterministic_kernels
from harness.training.model import TorchModel
from tests.fakes.toy import RECIPE, TOY, WordsNetwork, read, rows

TRAIN = [read({**row, "idx": i}) for i, row in enumerate(rows("train", 0))]
REFUSED = "put_ does not have a deterministic implementation, but you set 'torch.use_deterministic_algorithms(True)'."


def flags() -> tuple[bool, bool]:
    return torch.are_deterministic_algorithms_enabled(), torch.utils.deterministic.fill_uninitialized_memory


def test_on_cuda_and_for_as_long_as_the_context_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    before = flags()
    with deterministic_kernels("cpu"):
        assert flags() == before
        assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ
    with deterministic_kernels("cuda"):
        assert flags() == (True, False)
        assert not torch.is_deterministic_algorithms_warn_only_enabled()
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert flags() == before


def test_a_refusal_is_told_from_other_errors() -> None:
    before = flags()
    with (
        pytest.raises(NoDeterministicKernelError, match=r"put_ does not have a deterministic implementation$"),
        deterministic_kernels("cuda"),
    ):
        raise RuntimeError(REFUSED)
    with pytest.raises(RuntimeError, match=r"^shapes$"), deterministic_kernels("cuda"):
        raise RuntimeError("shapes")
    assert flags() == before


def test_a_network_without_deterministic_kernels_is_trained_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def make_network(_: object) -> WordsNetwork:
        network = WordsNetwork(TOY.output, 0.0)
        forward = network.module.forward

        def refuse(*arguments: torch.Tensor) -> torch.Tensor:
            if torch.are_deterministic_algorithms_enabled():
                raise RuntimeError(REFUSED)
            return forward(*arguments)

        monkeypatch.setattr(network.module, "forward", refuse)
        return network

    # As on CUDA, but for where the numbers are.
    monkeypatch.setattr(model_module, "deterministic_kernels", lambda _: deterministic_kernels("cuda"))
    model = TorchModel(make_network, output=TOY.output, recipe=RECIPE, seed=0, device="cpu")
    history = model.fit(TRAIN, FitSession())
    assert history.notes == (
        "another training may differ in its last bits: put_ does not have a deterministic implementation",
    )
    assert len(history.losses) == 24


def test_what_the_server_of_workers_imports_leaves_cuda_alone() -> None:
    """A process that has asked CUDA anything cannot lend it to those forked from it."""
    program = """
import importlib, torch
asked = []
for name in ("is_available", "device_count", "current_device", "get_device_capability", "_lazy_init"):
    setattr(torch.cuda, name, lambda *_, name=name: asked.append(name))
from harness.catalog import load_catalog
from harness.engine.server import MODULES
wanted = {module for model in load_catalog().models.values() for module in model.preload}
for module in [*MODULES, *sorted(wanted)]:
    importlib.import_module(module)
assert "harness.training.model" in wanted
assert not asked, asked
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
