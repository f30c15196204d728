"""Parity and speed beside lm-evaluation-harness' ``hf`` backend: ``python -m tests.bench.against_lm_eval MODEL DATA``.

Needs ``pip install lm-eval``. Both sides run in this process, one after the other, with one thread and in float32; what
counts is the time of the process, which neighbours on the machine change little. Of its batch sizes its fastest counts.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from baselines.networks.causal import load_causal
from baselines.networks.text_scorer import TextScorer
from harness.api.example import Example
from harness.api.limits import Limits
from harness.api.model import FitSession
from harness.api.output import Output
from harness.data.loading import load
from harness.data.source import open_source
from tasks.blimp import BLIMP
from tasks.language_modelling import TEXT, WIKITEXT_2

BATCH_SIZES = (1, 16, 64)
Scores = "np.ndarray[Any, np.dtype[np.float64]]"


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a function returns, and the seconds of the process that it took."""
    started = time.process_time()
    return function(), time.process_time() - started


def ours(model: Path, output: Output, *, stride: int | None = None, window: int | None = None) -> TextScorer:
    """Return the harness's scorer, loaded."""
    scorer = TextScorer(
        lambda: load_causal(model, device="cpu", window=window, stride=stride), output=output, device="cpu"
    )
    scorer.fit([], FitSession())
    return scorer


def theirs(model: Path, batch_size: int, window: int | None = None) -> Any:
    """Return the other harness's backend, loaded."""
    from lm_eval.models.huggingface import HFLM

    return HFLM(
        pretrained=str(model), device="cpu", dtype="float32", batch_size=batch_size, max_length=window, backend="causal"
    )


def requests(kind: str, texts: Sequence[str]) -> list[Any]:
    """Return the other harness's requests for the log-probabilities of texts."""
    from lm_eval.api.instance import Instance

    arguments = [("", text) if kind == "loglikelihood" else (text,) for text in texts]
    return [
        Instance(request_type=kind, doc={}, arguments=each, idx=number)  # type: ignore[arg-type]
        for number, each in enumerate(arguments)
    ]


def compare_pairs(model: Path, pairs: Sequence[Example]) -> None:
    """Print both accuracies, how far log-probabilities are apart, and how long each side took."""
    scorer = ours(model, BLIMP.output)
    scorer.predict(pairs[:20])
    predictions, seconds = timed(lambda: scorer.predict(pairs))
    mine = np.array([prediction.scores for prediction in predictions])  # (N, 2)
    say(f"harness: {len(pairs)} pairs, {seconds:.1f} s, accuracy {np.mean(mine[:, 0] > mine[:, 1]):.4%}")
    asked = requests("loglikelihood", [text for pair in pairs for text in (pair.text, pair.pair or "")])
    fastest = float("inf")
    for batch_size in BATCH_SIZES:
        backend = theirs(model, batch_size)
        found, taken = timed(lambda backend=backend: backend.loglikelihood(asked, disable_tqdm=True))
        other = np.array([value for value, _ in found]).reshape(-1, 2)
        accuracy = np.mean(np.argmax(other, axis=1) == 0)
        apart = np.abs(mine - other).max()
        say(f"lm-eval, batch size {batch_size}: {taken:.1f} s, accuracy {accuracy:.4%}, {apart:.1e} nats apart at most")
        fastest = min(fastest, taken)
        assert apart < 1e-3
        assert accuracy == np.mean(mine[:, 0] >= mine[:, 1]), "a tie is right there"
    say(f"pairs: {fastest / seconds:.2f} times as fast as its fastest")


def compare_documents(model: Path, documents: Sequence[Example], window: int) -> None:
    """Print the same of whole documents, in windows that do not overlap, which is what the other harness has."""
    scorer = ours(model, TEXT.output, window=window, stride=window)
    predictions, seconds = timed(lambda: scorer.predict(documents))
    mine = np.array([prediction.value for prediction in predictions])
    backend = theirs(model, 1, window)
    asked = requests("loglikelihood_rolling", [document.text for document in documents])
    found, taken = timed(lambda: backend.loglikelihood_rolling(asked, disable_tqdm=True))
    apart = np.abs(mine - np.array(found)).max()
    relative = np.abs(mine / np.array(found) - 1).max()
    say(f"documents: {seconds:.1f} s and {taken:.1f} s ({taken / seconds:.2f} times as fast)")
    say(f"documents: {apart:.1e} nats apart at most, {relative:.1e} of the log-probability")
    assert relative < 1e-5


def main() -> None:
    """Compare both sides on a causal checkpoint in a folder, with BLiMP and WikiText-2 below a folder of data."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a folder with a causal checkpoint")
    parser.add_argument("data", help="as of `harness run`")
    parser.add_argument("--pairs", type=int, default=1000, help="minimal pairs, of 67,000")
    parser.add_argument("--documents", type=int, default=2, help="articles of WikiText-2")
    parser.add_argument("--window", type=int, default=512, help="tokens of a window")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    source = open_source(asked.data)
    if asked.pairs:
        compare_pairs(asked.model, load(BLIMP, source, Limits(evaluation=asked.pairs)).scored["test"])
    if asked.documents:
        documents = load(WIKITEXT_2, source, Limits(evaluation=asked.documents)).scored["test"]
        compare_documents(asked.model, documents, asked.window)


if __name__ == "__main__":
    main()
