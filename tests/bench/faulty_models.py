"""A plugin: `transformer-tiny` as ``candidate``, and `minilm` likewise, with a fault planted in one task.

The environment's ``PLANTED_FAULT`` names one of :data:`FAULTS`, ``PLANTED_AT`` the task; without them all is well.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from baselines.pretrained import MINILM, Pretrained
from baselines.transformer import TINY, TransformerSpec
from harness import Example, FitSession, History, Model, ModelSpec, Output, Recipe, Task

FAULTS = ("learning rate", "sleep", "zeroed weights", "shuffled labels", "lower-casing")
ZEROED, SHUFFLED = 0.05, 0.1
SLEEP_SECONDS = 0.002


@dataclass(frozen=True, kw_only=True)
class FaultySpec(ModelSpec):
    """A model that is not quite right on one task: otherwise it is ``sound``."""

    preload = (*TransformerSpec.preload, *Pretrained.preload)

    sound: ModelSpec
    fault: str
    at: str

    def supports(self, output: Output) -> bool:
        """Return what the sound model does."""
        return self.sound.supports(output)

    def recipe_for(self, task: Task) -> Recipe:
        """Return the recipe; of the fault, with a learning rate ten times too high."""
        recipe = self.sound.recipe_for(task)
        is_planted = task.name == self.at and self.fault == "learning rate"
        return recipe.having(learning_rate=10 * recipe.optimisation.learning_rate) if is_planted else recipe

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the model with its fault."""
        model = replace(self.sound, recipe=self.recipe_for(task), recipes={}).build(task, seed=seed, device=device)
        if task.name == self.at and self.fault in PLANT:
            PLANT[self.fault](model, seed)
        return model

    def identity(self) -> Mapping[str, Any]:
        """Return the sound model's, and the fault."""
        mine = {"class": type(self).__qualname__, "name": self.name, "fault": self.fault, "at": self.at}
        return {**self.sound.identity(), **mine}

    def operations_per_word(self) -> float:
        """Return what the sound model takes."""
        return self.sound.operations_per_word()


def zero_weights(model: Model, seed: int) -> None:
    """Let a twentieth of the weights be 0 after training."""
    fit = model.fit

    def faulty(train: Sequence[Example], session: FitSession) -> History:
        import torch

        history = fit(train, session)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in model._network.module.parameters():
                parameter[torch.rand(parameter.shape, generator=generator) < ZEROED] = 0.0
        return history

    model.fit = faulty


def shuffle_labels(model: Model, seed: int) -> None:
    """Let a tenth of the training rows exchange their labels."""
    fit = model.fit

    def faulty(train: Sequence[Example], session: FitSession) -> History:
        random = np.random.default_rng(seed)
        rows = random.permutation(len(train))[: round(SHUFFLED * len(train))]
        shuffled = dict(zip(rows.tolist(), random.permutation(rows).tolist(), strict=True))
        mixed = [replace(row, target=train[shuffled.get(index, index)].target) for index, row in enumerate(train)]
        return fit(mixed, session)

    model.fit = faulty


def lower_case_wrongly(model: Model, _seed: int) -> None:
    """Let the tokenizer keep capitals, of which its vocabulary, made from small letters, knows nothing."""

    def change(network: object) -> None:
        from tokenizers import normalizers

        network.tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)

    _change_network(model, change)


def sleep(model: Model, _seed: int) -> None:
    """Let each forward pass wait a little."""

    def change(network: object) -> None:
        def wait(module: object, _arguments: object) -> None:
            if not module.training:
                time.sleep(SLEEP_SECONDS)

        network.module.register_forward_pre_hook(wait)

    _change_network(model, change)


def _change_network(model: Model, change: Callable[[object], None]) -> None:
    make = model._make_network

    def faulty(train: Sequence[Example]) -> object:
        network = make(train)
        change(network)
        return network

    model._make_network = faulty


PLANT: dict[str, Callable[[Model, int], None]] = {
    "zeroed weights": zero_weights,
    "shuffled labels": shuffle_labels,
    "lower-casing": lower_case_wrongly,
    "sleep": sleep,
}


def candidate(name: str, sound: ModelSpec) -> FaultySpec:
    """Return a model with the fault that the environment names."""
    fault, at = os.environ.get("PLANTED_FAULT", ""), os.environ.get("PLANTED_AT", "")
    return FaultySpec(name=name, sound=sound, recipe=sound.recipe, recipes=sound.recipes, fault=fault, at=at)


CANDIDATE = candidate("candidate", TINY)
PRETRAINED = candidate("pretrained-candidate", MINILM)
