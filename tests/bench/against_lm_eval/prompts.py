"""Prompted models beside lm-evaluation-harness' ``hf``: ``python -m tests.bench.against_lm_eval.prompts MODEL DATA``.

Needs ``pip install lm-eval``, and a machine without neighbours: wall time counts. Both sides read the same strings. In
float32 their log-likelihoods have to be within 1e-3 nats, and their accuracies the same. Then each is timed at its
best: it in each precision and batch size given, this harness in bfloat16 where the machine multiplies it, on as many
cores.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.networks.prompted import PromptedModel
from harness.api.asking import AskedExamples
from harness.api.example import Example
from harness.api.model import FitSession
from harness.api.recipe import Recipe
from harness.api.task import Task
from harness.catalog import load_catalog
from harness.data.loading import load
from harness.data.source import open_source
from harness.system.cores import Cores
from harness.system.devices import resolve_precision

TOLERANCE = 1e-3
Floats = NDArray[np.float64]


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Sides:
    """One task, one number of examples in prompts, and both harnesses on the same questions."""

    def __init__(self, model: Path, task: Task, data: str, *, shots: int, count: int, cores: int) -> None:
        name = f"{model}+prompt{shots or ''}+plain"
        self.model, self.task, self.cores = model, task, cores
        found = load_catalog().model(name)
        self.spec, loaded = found, load(task, open_source(data, [task]))
        self.train, self.examples = loaded.train, next(iter(loaded.scored.values()))[:count]

    def strings(self) -> list[tuple[str, str]]:
        """Return each prompt with each answer after it."""
        asked = AskedExamples(train=self.train, examples=self.examples, seed=0)
        shown = self.spec.show_prompts(self.task, asked)  # type: ignore[attr-defined]
        separator = self.task.prompts[0].separator
        return [(prompt.text, f"{separator}{answer}") for prompt in shown for answer in prompt.answers]

    def ours(self, precision: str, folder: Path) -> tuple[Floats, float]:
        """Return the log-likelihoods, (N, A), and the seconds that they took, tokenizing included."""
        torch.set_num_threads(1)
        spec = replace(self.spec, recipe=Recipe().having(precision=precision))
        model = spec.build(self.task, seed=0, device="cpu")
        assert isinstance(model, PromptedModel)
        cores = Cores(folder, self.cores)
        model.fit(self.train, FitSession(cores=cores))
        with cores.one():
            model.predict(self.examples[: 2 * self.cores])
            started = time.perf_counter()
            found = model.log_likelihoods(model.questions(self.examples))
            return found, time.perf_counter() - started

    def theirs(self, strings: Sequence[tuple[str, str]], dtype: str, batch_size: int) -> tuple[Floats, float]:
        """Return the same of the other side."""
        from lm_eval.api.instance import Instance
        from lm_eval.models.huggingface import HFLM

        torch.set_num_threads(self.cores)
        backend = HFLM(pretrained=str(self.model), device="cpu", dtype=dtype, batch_size=batch_size, backend="causal")
        asked: list[Any] = [
            Instance(request_type="loglikelihood", doc={}, arguments=pair, idx=number)
            for number, pair in enumerate(strings)
        ]
        backend.loglikelihood(asked[:4], disable_tqdm=True)
        started = time.perf_counter()
        found = backend.loglikelihood(asked, disable_tqdm=True)
        seconds = time.perf_counter() - started
        return np.array([value for value, _ in found]).reshape(len(self.examples), -1), seconds


def accuracy(found: Floats, examples: Sequence[Example]) -> float:
    """Return the fraction of the examples whose most probable answer, the first of several, is the right one."""
    return float(np.mean(found.argmax(axis=1) == [example.target for example in examples]))


def compare(sides: Sides, *, dtypes: Sequence[str], batch_sizes: Sequence[int], folder: Path) -> None:
    """Print how far both sides are apart, and how fast each is."""
    strings, examples = sides.strings(), sides.examples
    count = len(examples)
    mine, seconds = sides.ours("float32", folder)
    say(f"harness, float32: {count / seconds:.2f} questions/s, accuracy {accuracy(mine, examples):.4f}")
    best = resolve_precision("auto", "cpu")
    if best != "float32":
        near, seconds = sides.ours(best, folder)
        say(f"harness, {best}: {count / seconds:.2f} questions/s, accuracy {accuracy(near, examples):.4f}")
    fastest = 0.0
    for dtype in dtypes:
        for batch_size in batch_sizes:
            other, taken = sides.theirs(strings, dtype, batch_size)
            rate, score, apart = count / taken, accuracy(other, examples), np.abs(mine - other).max()
            say(
                f"lm-eval, {dtype}, batch size {batch_size}: {rate:.2f} questions/s, accuracy {score:.4f}, "
                f"{apart:.1e} nats from the harness in float32 at most"
            )
            if dtype == "float32":
                assert apart < TOLERANCE, apart
                assert score == accuracy(mine, examples)
            fastest = max(fastest, rate)
    say(f"{count / seconds / fastest:.2f} times as fast as its fastest")


def main() -> None:
    """Compare both sides on a causal checkpoint in a folder and a task, for each number of examples in prompts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a folder with a causal checkpoint")
    parser.add_argument("data", help="as of `harness run`")
    parser.add_argument("--task", default="rte")
    parser.add_argument("--shots", type=int, nargs="*", default=[0, 5], help="examples in a prompt")
    parser.add_argument("--questions", type=int, default=100, help="the first ones of the validation set")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--dtypes", nargs="*", default=["float32", "bfloat16"], help="of lm-eval")
    parser.add_argument("--batch-sizes", type=int, nargs="*", default=[1, 8], help="of lm-eval")
    asked = parser.parse_args()
    task = load_catalog().task(asked.task)
    with tempfile.TemporaryDirectory() as folder:
        for shots in asked.shots:
            say(f"{asked.task}, {shots} examples in a prompt, {asked.cores} cores")
            sides = Sides(asked.model, task, asked.data, shots=shots, count=asked.questions, cores=asked.cores)
            compare(sides, dtypes=asked.dtypes, batch_sizes=asked.batch_sizes, folder=Path(folder))


if __name__ == "__main__":
    main()
