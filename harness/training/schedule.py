"""The learning rate of each step."""

import math

from harness.api.recipe import Optimisation


def learning_rate(optimisation: Optimisation, step: int, num_steps: int) -> float:
    """Return the rate of one step from 0: up linearly over the warm-up, then down linearly to 0 after the last."""
    warmup = math.ceil(optimisation.warmup_ratio * num_steps)
    if step < warmup:
        return optimisation.learning_rate * step / warmup
    return optimisation.learning_rate * (num_steps - step) / max(1, num_steps - warmup)
