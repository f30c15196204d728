"""A model's peak memory does not depend on what else its run trains: that once was 143 MiB alone, 382 beside torch."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.store.run import Run
from tests.fakes import TOY

MIB = 2**20
SLACK = 3 * MIB
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")

PLUGIN = """
from dataclasses import dataclass
import numpy as np
from harness import Classification, History, ModelSpec, Prediction


class Holding:
    num_parameters = 0

    def __init__(self, module):
        self._module = module

    def fit(self, train, session):
        __import__(self._module)
        self._held = np.ones(20 * 2**20, np.uint8)
        return History()

    def predict(self, examples):
        return [Prediction(value=0)] * len(examples)


@dataclass(frozen=True, kw_only=True)
class HoldingSpec(ModelSpec):
    outputs = (Classification,)
    module: str = "numpy"

    def build(self, task, *, seed, device):
        return Holding(self.module)


LIGHT = HoldingSpec(name="light")
TORCH = HoldingSpec(name="imports-torch", module="torch")
"""


def trial_memory(out: Path, *models: str) -> dict[str, int]:
    """Return the peak of each model's trial, in bytes, from a run of these alone."""
    plugin = out.parent / "holding.py"
    plugin.write_text(PLUGIN)
    options = [option for model in models for option in ("--model", model)]
    start = [sys.executable, "-m", "harness", "run", "--plugin", str(TOY), "--plugin", str(plugin), "--task", "toy"]
    command = [*start, "--data", "sample", "--out", str(out), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    results = Run(out).results()
    assert all(result.peak_memory_bytes >= (result.trial_memory_bytes or 0) for result in results)
    return {result.model.name: result.trial_memory_bytes or 0 for result in results}


def test_alone_and_beside_models_of_torch_it_is_the_same(tmp_path: Path) -> None:
    together = trial_memory(tmp_path / "together", "light", "imports-torch", "words")
    assert together["light"] == pytest.approx(20 * MIB, abs=SLACK)
    alone = trial_memory(tmp_path / "alone", "words")
    assert alone["words"] == pytest.approx(together["words"], abs=SLACK)
