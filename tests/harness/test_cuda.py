"""The same loop on a GPU, where there is one; `test_training.py` runs the same code on a CPU."""

from pathlib import Path

import pytest
import torch

from harness import FitSession
from harness.devices import resolve_device, resolve_precision
from harness.machine import peak_memory_bytes
from harness.torch_model import TorchModel
from tests.harness.toy import RECIPE, TOY, WordsNetwork, read, rows

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device here")

TRAIN = [read({**row, "idx": i}) for i, row in enumerate(rows("train", 0))]


def fitted(session: FitSession) -> tuple[TorchModel, tuple[float, ...]]:
    model = TorchModel(lambda _: WordsNetwork(TOY.output, 0.0), output=TOY.output, recipe=RECIPE, seed=0, device="cuda")
    return model, model.fit(TRAIN, session).losses


def test_learns_repeats_and_loads_its_checkpoint(tmp_path: Path) -> None:
    assert resolve_device("auto") == "cuda"
    first, losses = fitted(FitSession(checkpoint=tmp_path / "checkpoint"))
    second, again = fitted(FitSession())
    loaded, stored = fitted(FitSession(checkpoint=tmp_path / "checkpoint"))
    assert losses == again == stored
    assert sum(losses[-6:]) < sum(losses[:6])
    assert first.predict(TRAIN) == second.predict(TRAIN) == loaded.predict(TRAIN)
    assert peak_memory_bytes("cuda") > 0


def test_precision_follows_the_device() -> None:
    expected = "bfloat16" if torch.cuda.get_device_capability() >= (8, 0) else "float32"
    assert resolve_precision("auto", "cuda") == expected
