"""The learning rate of each step."""

import math

from harness.api.recipe import Optimisation


def learning_rate(optimisation: Optimisation, step: int, num_steps: int) -> float:
    """Return the rate of one step from 0: up linearly over the warm-up, then down to 0 after the last.

    Down in a line, or along half a cosine (Loshchilov and Hutter 2017).
    """
    warmup = math.ceil(optimisation.warmup_ratio * num_steps)
    if step < warmup:
        return optimisation.learning_rate * step / warmup
    if optimisation.schedule == "cosine":
        return optimisation.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, num_steps - warmup)))
    return optimisation.learning_rate * (num_steps - step) / max(1, num_steps - warmup)
