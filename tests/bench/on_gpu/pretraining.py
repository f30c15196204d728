"""Steps of a pretraining by the next token, ours and those of a plain loop with ``nn.TransformerEncoder``, in turn."""

import time
from collections.abc import Callable
from dataclasses import replace

from torch import Tensor

from harness.pretraining.cost import flops_a_window
from tests.bench import plain_gpt
from tests.bench.pretraining_steps import SHAPES, make_feed, our_steps, tokens

WARM_UPS = 3


def time_steps(*, model: str, batch_size: int, num_steps: int, device: str, precision: str) -> dict[str, float | None]:
    """Return the tokens a second of both, and the operations of a token."""
    shape = replace(SHAPES[model], batch_size=batch_size, dropout=0.1)
    feed = make_feed(shape, "clm", device=device)
    plain = plain_gpt.make_step(replace(shape, layers="pytorch"), tokens(shape), device=device, precision=precision)
    with our_steps(feed, precision=precision) as ours:
        found = {name: _seconds(step, num_steps) for name, step in (("plain", plain), ("ours", ours))}
    flops = flops_a_window(feed, precision)
    a_step = shape.batch_size * shape.length
    speeds: dict[str, float | None] = {name: a_step / seconds for name, seconds in found.items()}
    return {**speeds, "flops_a_token": None if flops is None else flops / shape.length}


def _seconds(step: Callable[[], Tensor], num_steps: int) -> float:
    """Return the mean time of a step; its loss is fetched at the end, which waits for the device."""
    for _ in range(WARM_UPS):
        loss = step()
    float(loss)
    started = time.perf_counter()
    for _ in range(num_steps):
        loss = step()
    float(loss)
    return (time.perf_counter() - started) / num_steps
