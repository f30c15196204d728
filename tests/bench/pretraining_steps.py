"""Steps of our pretraining, as the loop takes them, to be timed. `python -m tests.bench.pretraining_steps` prints them.

Both loops learn from the same tokens with the same sizes and precision, on one thread, in turn.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.transformer import TransformerSpec
from harness.api.pretraining import NUM_SPECIAL, START_ID, Objective
from harness.api.recipe import Optimisation
from harness.pretraining.cost import flops_a_window
from harness.pretraining.windows import WindowFeed, Windows
from harness.system.devices import resolve_precision
from harness.training.dropout import use_fast_dropout
from harness.training.flops import matmul_peak
from harness.training.linear import bfloat16_copies
from harness.training.loop import make_optimizer
from harness.training.step import Stepper, TrainingContext
from tests.bench import plain_gpt
from tests.bench.plain_gpt import Shape
from tests.bench.ratios import shortest

SHAPES = {
    "transformer-tiny": Shape(num_layers=2, width=128, num_heads=2),
    "transformer-mini": Shape(num_layers=4, width=256, num_heads=4),
    "transformer-small": Shape(num_layers=4, width=512, num_heads=8),
}


def tokens(shape: Shape, count: int = 200_000) -> NDArray[np.uint16]:
    """Return random tokens in documents of 700."""
    ids = np.random.default_rng(0).integers(NUM_SPECIAL, shape.vocabulary_size, count).astype(np.uint16)
    ids[::700] = START_ID
    return ids


def make_feed(shape: Shape, objective: Objective, *, device: str) -> WindowFeed:
    """Return windows for a network of ours with random weights."""
    torch.manual_seed(0)
    spec = TransformerSpec(name="timed", num_layers=shape.num_layers, width=shape.width, num_heads=shape.num_heads)
    network = spec.pretraining_network(
        objective, vocabulary_size=shape.vocabulary_size, max_length=shape.length, dropout=shape.dropout
    )
    network.module.to(device)
    return WindowFeed(
        windows=Windows(ids=tokens(shape), length=shape.length),
        network=network,
        objective=objective,
        vocabulary_size=shape.vocabulary_size,
        batch_size=shape.batch_size,
        seed=0,
        device=device,
    )


@contextmanager
def our_steps(feed: WindowFeed, *, precision: str) -> Iterator[Callable[[], Tensor]]:
    """Give a function that takes one optimizer step of our loop."""
    module, device = feed.network.module, feed.device
    optimisation = Optimisation(epochs=1_000, batch_size=feed.batch_size, learning_rate=1e-3, weight_decay=0.01)
    context = TrainingContext(
        module=module, feed=feed, optimisation=optimisation, seed=0, device=device, precision=precision
    )
    optimizer = make_optimizer(module, optimisation, device)
    masks = use_fast_dropout(module) if device == "cpu" else None
    module.train()
    with bfloat16_copies(module, device=device, precision=precision) as copies:
        stepper = Stepper(context, optimizer, masks=masks, copies=copies)
        numbers = iter(range(context.num_steps))
        yield lambda: stepper.step(next(numbers))


def main() -> None:
    """Print tokens a second and the fraction of the matmul peak: of both loops by size, and of masked tokens."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    torch.set_num_threads(1)
    precision = resolve_precision("auto", "cpu")
    peak = matmul_peak("cpu", precision)
    heads = ("model", "dropout", "plain loop, tokens/s", "ours, tokens/s", "ratio", "of the peak", "masked, tokens/s")
    write(*heads)
    write(*["---"] * len(heads))
    for name, sized in SHAPES.items():
        for dropout in (0.0, 0.1):
            shape = Shape(**{**vars(sized), "dropout": dropout})
            feeds = [make_feed(shape, objective, device="cpu") for objective in ("clm", "mlm")]
            plain = plain_gpt.make_step(shape, tokens(shape), device="cpu", precision=precision)
            with our_steps(feeds[0], precision=precision) as ours, our_steps(feeds[1], precision=precision) as masked:
                seconds = shortest(plain, ours, masked)
            a_step = shape.batch_size * shape.length
            flops = (flops_a_window(feeds[0], precision) or 0.0) * shape.batch_size
            speeds = [a_step / each for each in seconds]
            peak_fraction = f"{flops / seconds[1] / peak:.0%}"
            ratio = f"{speeds[1] / speeds[0]:.2f}"
            plain_speed, own_speed, masked_speed = (f"{speed:,.0f}" for speed in speeds)
            write(name, f"{dropout:g}", plain_speed, own_speed, ratio, peak_fraction, masked_speed)


def write(*cells: str) -> None:
    """Write a row of the table."""
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
