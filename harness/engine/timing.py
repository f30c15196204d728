"""Latency and throughput of a fitted model, from outside: the timer knows ``predict`` and nothing of task or device.

The two are different runs (as MLPerf's SingleStream and Offline): one example at a time, and a batch at once. Every raw
sample is kept. Tokenisation is part of ``predict`` and so of every timing.
"""

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from harness.api.example import Example
from harness.api.model import Model
from harness.store.records import Samples
from harness.system.stopwatch import WARM_UPS, Budget, repeat

BATCH_SIZES = (8, 32)


LATENCY = Budget(seconds=0.5, min_samples=6)
THROUGHPUT = Budget(seconds=0.25, min_samples=6, max_samples=30)


def measure(
    model: Model,
    examples: Sequence[Example],
    *,
    batch_sizes: Sequence[int] = BATCH_SIZES,
    latency: Budget = LATENCY,
    throughput: Budget = THROUGHPUT,
) -> Samples:
    """Time ``model.predict`` on the task's own examples in turn; batch sizes beyond their number are left out.

    The noise is the variation of the matrix product, the first of the fixed workloads.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    beside: dict[str, list[float]] = {name: [] for name in WORKLOADS}
    _time_workloads(beside)
    batches = {1: _time_batches(model, examples, 1, latency)}
    for size in sorted(set(batch_sizes) - {1}):
        if size <= len(examples):
            _time_workloads(beside)
            batches[size] = _time_batches(model, examples, size, throughput)
    _time_workloads(beside)
    products = beside[MATRIX_PRODUCT]
    return Samples(
        latency_seconds=batches[1],
        batch_seconds=batches,
        workload_seconds=beside,
        noise=statistics.stdev(products) / statistics.mean(products),
        load_average=load,
    )


def _time_workloads(beside: dict[str, list[float]]) -> None:
    """Add three samples of each fixed workload; on a quiet machine they are always the same."""
    for name, workload in WORKLOADS.items():
        for _ in range(3):
            started = time.perf_counter()
            workload()
            beside[name].append(time.perf_counter() - started)


def _time_batches(model: Model, examples: Sequence[Example], size: int, budget: Budget) -> list[float]:
    """Return the wall time of predicting ``size`` examples at once, again and again."""
    starts = range(0, len(examples) - size + 1, size)
    batches = [examples[start : start + size] for start in starts]

    def predict(turn: int) -> None:
        model.predict(batches[turn % len(batches)])

    for turn in range(WARM_UPS):
        predict(turn)
    return repeat(predict, budget)


def _multiply() -> None:
    matrix = np.ones((384, 384), dtype=np.float32)
    for _ in range(10):
        matrix @ matrix


def _attend() -> None:
    """Compute softmax(QK'/sqrt(d))V with 12 heads, 128 tokens and 32 dimensions (Vaswani et al. 2017, equation 1)."""
    q = k = v = np.linspace(-1, 1, 12 * 128 * 32, dtype=np.float32).reshape(12, 128, 32)
    for _ in range(5):
        logits = q @ k.swapaxes(1, 2) / np.float32(32**0.5)  # (heads, L, L)
        weights = np.exp(logits - logits.max(axis=2, keepdims=True))
        weights /= weights.sum(axis=2, keepdims=True)
        weights @ v


MATRIX_PRODUCT = "matrix product"
WORKLOADS: Mapping[str, Callable[[], None]] = {MATRIX_PRODUCT: _multiply, "attention block": _attend}
"""Fixed: a change makes timings of before and after incomparable on two machines."""
