"""``NAME+lora``: a checkpoint's spec as one that is adapted by LoRA, whichever kind of checkpoint it is.

No torch here, and no ``peft``, which is imported where such a model is built.
"""

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from baselines.checkpoints.adapter import names_in_layers, no_target, target_pattern
from baselines.checkpoints.header import read_shapes
from baselines.checkpoints.location import Checkpoint
from harness.api.method import Method
from harness.api.model import ModelSpec
from harness.api.recipe import Recipe

if TYPE_CHECKING:
    from baselines.networks.pretrained import PretrainedNetwork

LARGER_STEPS = 10.0
"""Adapters learn best at some ten times the learning rate of all weights (Schulman 2025, "LoRA Without Regret")."""

S = TypeVar("S", bound=ModelSpec)


def with_low_rank(spec: S, method: Method) -> S:
    """Return the spec with LoRA as its method, and so with larger steps."""
    return replace(
        spec,
        name=f"{spec.name}+{method}",
        title=f"{spec.title}, adapted by LoRA",
        method=method,
        recipe=_faster(spec.recipe or Recipe()),
        recipes={kind: _faster(recipe) for kind, recipe in spec.recipes.items()},
    )


def _faster(recipe: Recipe) -> Recipe:
    return recipe.having(learning_rate=LARGER_STEPS * recipe.optimisation.learning_rate)


def is_adapted(spec: ModelSpec) -> bool:
    """Return whether LoRA is its method."""
    return spec.method is not None and spec.method.way == "lora"


def reason_against_targets(spec: ModelSpec, checkpoint: Checkpoint) -> str:
    """Return why the modules that are to be adapted cannot be; nothing where they can, or are not named."""
    targets = spec.recipe.adaptation.lora_targets if spec.recipe and is_adapted(spec) else ()
    if not targets:
        return ""
    shapes = read_shapes(checkpoint.folder())
    modules = [name.removesuffix(".weight") for name, shape in shapes.items() if len(shape) == 2]
    if any(re.fullmatch(target_pattern(targets), name) for name in modules):
        return ""
    return no_target("it", targets, names_in_layers(modules))


def adapted(
    network: "PretrainedNetwork", spec: ModelSpec, checkpoint: Checkpoint, recipe: Recipe
) -> "PretrainedNetwork":
    """Return the network as it is, or with an adapter where LoRA is the spec's method."""
    if not is_adapted(spec):
        return network
    from baselines.networks.low_rank import adapt

    base, revision = checkpoint.origin
    return adapt(network, recipe.adaptation, base=base, revision=revision)
