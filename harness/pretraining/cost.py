"""What a pretraining cost: tokens, seconds, operations, and what fraction of the machine's peak that is."""

from dataclasses import dataclass

import numpy as np

from harness.api.model import History
from harness.pretraining.windows import WindowFeed
from harness.training.flops import count_operations, matmul_peak
from harness.training.tensors import autocast

COUNTED_WINDOWS = 8
"""Of which operations are counted: masked tokens are more or fewer, and their mean is what counts."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of a whole pretraining; ``peak_fraction`` is of all its cores, ``None`` where operations are not known."""

    tokens: int
    seconds: float
    flops: float | None
    peak_fraction: float | None


def cost_of(feed: WindowFeed, history: History, seconds: float, *, precision: str, num_cores: int) -> Cost:
    """Return what a pretraining cost that took so many seconds."""
    num_windows = round(history.epochs * len(feed.windows))
    flops = flops_a_window(feed, precision)
    total = None if flops is None else flops * num_windows
    peak = num_cores * matmul_peak(feed.device, precision)
    return Cost(
        tokens=num_windows * feed.windows.length,
        seconds=seconds,
        flops=total,
        peak_fraction=None if total is None else total / seconds / peak,
    )


def flops_a_window(feed: WindowFeed, precision: str) -> float | None:
    """Return the operations of learning once from a window, forward and backward."""
    windows = np.arange(min(COUNTED_WINDOWS, len(feed.windows)))

    def learn() -> None:
        with autocast(feed.device, precision):
            loss, _ = feed.losses(windows, step=0, number=0)
        loss.backward()  # type: ignore[no-untyped-call]

    counted = count_operations(learn)
    feed.network.module.zero_grad(set_to_none=True)
    return None if counted is None else counted / len(windows)
