"""A plugin: `transformer-tiny` as ``candidate``, with a fault planted in one task, as the environment says.

``PLANTED_FAULT`` names one of :data:`FAULTS`, ``PLANTED_AT`` the task; without them nothing is wrong.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from baselines.transformer import TINY, TransformerSpec
from harness import Example, FitSession, History, Model, Recipe, Task

FAULTS = ("learning rate", "sleep", "zeroed weights", "shuffled labels", "lower-casing")
ZEROED, SHUFFLED = 0.05, 0.1
SLEEP_SECONDS = 0.002


@dataclass(frozen=True, kw_only=True)
class FaultySpec(TransformerSpec):
    """A Transformer that is not quite right on one task."""

    fault: str = ""
    at: str = ""

    def recipe_for(self, task: Task) -> Recipe:
        """Return the recipe; of the fault, with a learning rate ten times too high."""
        recipe = super().recipe_for(task)
        is_planted = task.name == self.at and self.fault == "learning rate"
        return replace(recipe, learning_rate=10 * recipe.learning_rate) if is_planted else recipe

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the model with its fault."""
        model = super().build(task, seed=seed, device=device)
        if task.name == self.at:
            PLANT.get(self.fault, lambda _model, _seed: None)(model, seed)
        return model


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
_fields = {field: value for field, value in vars(TINY).items() if field not in {"name", "title"}}
CANDIDATE = FaultySpec(
    **_fields,
    name="candidate",
    title="transformer-tiny, perhaps with a fault",
    fault=os.environ.get("PLANTED_FAULT", ""),
    at=os.environ.get("PLANTED_AT", ""),
)
