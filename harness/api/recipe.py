"""The hyperparameters of a torch model, as one value in parts: all of it can change predictions."""

import math
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from harness.system.devices import Precision


@dataclass(frozen=True, kw_only=True)
class Optimisation:
    """How weights are found; the defaults are ``run_glue.py``'s usual ones.

    Training ends after ``epochs`` passes over the sequences, or ``max_steps`` optimizer steps if those are fewer.
    ``batch_size`` counts sequences an optimizer step; ``accumulation_steps`` splits each into that many passes.
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
    schedule: Literal["linear", "cosine"] = "linear"
    """How the learning rate falls to 0 after the warm-up."""

    def num_steps(self, num_sequences: int) -> int:
        """Return the optimizer steps of a training on so many sequences."""
        steps = math.ceil(math.ceil(num_sequences / self.batch_size) * self.epochs)
        return max(1, steps if self.max_steps is None else min(steps, self.max_steps))

    def num_seen(self, num_sequences: int) -> float:
        """Return how many sequences such a training sees, each as often as it comes."""
        return num_sequences * self.num_steps(num_sequences) / math.ceil(num_sequences / self.batch_size)


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How texts become token sequences.

    Both count tokens: the most in a sequence, and how far the windows over a long passage overlap.
    """

    max_length: int = 128
    doc_stride: int = 128


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """How logits become predictions: the most tokens in an extracted answer."""

    max_answer_length: int = 30


@dataclass(frozen=True, kw_only=True)
class Adaptation:
    """What is learnt where a checkpoint is adapted (``NAME+lora``) in place of trained whole.

    To the product of each target W with x is added ``lora_alpha / lora_rank * B A x``, where A has ``lora_rank`` rows;
    ``lora_dropout`` is on x (Hu et al. 2021). Targets are ends of modules' names; none means each linear module of
    each layer.
    """

    lora_rank: int = 8
    lora_alpha: int = 16
    lora_dropout: float = 0.0
    lora_targets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a torch model is fine-tuned, reads, and predicts."""

    optimisation: Optimisation = field(default_factory=Optimisation)
    encoding: Encoding = field(default_factory=Encoding)
    decoding: Decoding = field(default_factory=Decoding)
    adaptation: Adaptation = field(default_factory=Adaptation)

    def settings(self) -> dict[str, Any]:
        """Return every setting by name; no two parts have one of the same name."""
        return {name: value for part in asdict(self).values() for name, value in part.items()}

    def having(self, **settings: Any) -> "Recipe":
        """Return the recipe with some settings changed, each by its name, whichever part it belongs to.

        Raises:
            TypeError: a name that is no setting.
        """
        if unknown := set(settings) - set(self.settings()):
            raise TypeError(f"no setting of a recipe is called {', '.join(sorted(unknown))}.")
        parts = {each.name: getattr(self, each.name) for each in fields(self)}
        return Recipe(
            **{
                name: replace(part, **{key: value for key, value in settings.items() if hasattr(part, key)})
                for name, part in parts.items()
            }
        )
