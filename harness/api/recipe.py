"""The hyperparameters of fine-tuning, as one value: all of it can change answers, so a trial's identity holds it."""

import math
from dataclasses import dataclass

from harness.system.devices import Precision


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a torch model is fine-tuned; the defaults are ``run_glue.py``'s usual ones.

    Training ends after ``epochs`` passes over the sequences, or ``max_steps`` optimizer steps if those are fewer.
    ``batch_size`` counts sequences an optimizer step; ``accumulation_steps`` splits each into that many passes.
    ``max_length`` and ``doc_stride`` count tokens; the stride is how far the windows over a long passage overlap.
    ``precision`` ``auto`` is bfloat16 where the device multiplies it faster, else float32.
    """

    epochs: float = 3.0
    max_steps: int | None = None
    batch_size: int = 32
    learning_rate: float = 5e-5
    warmup_ratio: float = 0.0
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    adam_epsilon: float = 1e-8
    accumulation_steps: int = 1
    precision: Precision = "auto"
    max_length: int = 128
    doc_stride: int = 128
    max_answer_length: int = 30

    def num_steps(self, num_sequences: int) -> int:
        """Return the optimizer steps of a training on so many sequences."""
        steps = math.ceil(math.ceil(num_sequences / self.batch_size) * self.epochs)
        return max(1, steps if self.max_steps is None else min(steps, self.max_steps))

    def num_seen(self, num_sequences: int) -> float:
        """Return how many sequences such a training sees, each as often as it comes."""
        return num_sequences * self.num_steps(num_sequences) / math.ceil(num_sequences / self.batch_size)
