"""One bit flipped anywhere in any stored file is noticed by whoever reads it, or changes nothing of what is read."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from harness.api.encoding import Encoded
from harness.api.example import Example
from harness.data import example_cache
from harness.data.loading import Split
from harness.errors import HarnessError
from harness.gate.gate import make_reference
from harness.gate.reference import read_reference, write_reference
from harness.store.examples import read_attributions, read_examples
from harness.store.reading import read_record
from harness.store.records import Failure, Result, Speed
from harness.store.run import Run
from harness.system.sealed import DamagedError
from harness.training import checkpoint, encoding_cache
from tests.fakes.gate import TASKS
from tests.fakes.synthetic import Plan, make_failure, write_run

PLAN = Plan(tasks=("cola", "stsb"), models=("low", "top"), num_seeds=1, num_questions=12)


def read_tensors(path: Path) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in load_file(path).items()}


def read_checkpoint(path: Path) -> Any:
    return checkpoint.read_progress(path), read_tensors(path)


def read_encodings(path: Path) -> Any:
    found = encoding_cache.read(path)
    return found and {name: None if array is None else array.tobytes() for name, array in vars(found).items()}


def read_predictions(path: Path) -> Any:
    run = Run(path.parents[2])
    return run.predictions(run.result(path.parent.name), path.stem.removeprefix("predictions-"))


READERS: dict[str, Callable[[Path], Any]] = {
    "run.json": lambda path: Run(path.parent).info(),
    "trials/*/result.json": lambda path: read_record(Result, path),
    "trials/*/failure.json": lambda path: read_record(Failure, path),
    "trials/*/predictions-*.parquet": read_predictions,
    "trials/*/attributions-*.json": read_attributions,
    "trials/*/checkpoint.safetensors": read_checkpoint,
    "speed/*.json": lambda path: read_record(Speed, path),
    "examples/*/*.parquet": read_examples,
    "cache/*.json": example_cache.read,
    "cache/*.safetensors": read_encodings,
    "reference.json": read_reference,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("flipped") / "run")


def fill(folder: Path) -> Path:
    """Make a run with a file of each kind."""
    run = write_run(folder, PLAN)
    write_reference(folder / "reference.json", make_reference(run, (), (), TASKS))
    key = run.results()[0].key
    run.save_failure(make_failure("cola", "low", 0).model_copy(update={"key": key}))
    module = nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(module.parameters())
    module(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    progress = checkpoint.Progress(
        step=1, num_steps=2, seconds=0.5, borrowed_seconds=0.0, precision="float32", losses=(0.1,), micro_batches=1
    )
    checkpoint.save(run.checkpoint_path(key), module, optimizer, progress)
    ids = np.arange(9, dtype=np.int32)
    encoded = Encoded(ids=ids, types=ids.astype(np.int8), offsets=np.arange(4) * 3, examples=ids[:3])
    encoding_cache.write(run.cache_folder / "b.safetensors", encoded)
    kept = Split(examples=[Example(id=str(number), text="some text", target=number) for number in range(9)])
    example_cache.write(run.cache_folder / "a.json", kept)
    return folder


def flip_bits(folder: Path, num_flips: int, seed: int) -> Counter[str]:
    """Flip bits one at a time, as many in each kind of file; return how often that was noticed, or changed nothing."""
    chance, counts = random.Random(seed), Counter[str]()
    for number in range(num_flips):
        pattern = list(READERS)[number % len(READERS)]
        path = chance.choice(sorted(folder.glob(pattern)))
        read, whole = READERS[pattern], path.read_bytes()
        expected = read(path)
        assert expected is not None
        bit = chance.randrange(8 * len(whole))
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            found = read(path)
        except (HarnessError, DamagedError):
            found = None
        finally:
            path.write_bytes(whole)
        assert found is None or found == expected, f"{path}: bit {bit} passes unseen"
        counts["noticed" if found is None else "harmless"] += 1
    return counts


@pytest.mark.parametrize("pattern", READERS)
def test_there_is_a_file_of_each_kind(folder: Path, pattern: str) -> None:
    assert list(folder.glob(pattern))


def test_flipped_bits_are_noticed_or_change_nothing(folder: Path) -> None:
    counts = flip_bits(folder, 20 * len(READERS), seed=0)
    assert counts["noticed"] > 19 * len(READERS)
