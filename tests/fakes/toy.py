"""A small task and small models, for tests of the engine; used as a plugin file too."""

import gc
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from harness import (
    ACCURACY,
    Classification,
    Example,
    FitSession,
    History,
    Model,
    ModelSpec,
    Optimisation,
    Output,
    Prediction,
    Recipe,
    SampleData,
    Task,
)
from harness.api.encoding import Encoded
from harness.api.network import Batch

if TYPE_CHECKING:
    import torch

WORDS = ("red", "blue", "green", "black", "white")


def rows(split: str, seed: int) -> list[dict[str, object]]:
    """Return sentences of colours; label 1 where red comes before blue."""
    random = np.random.default_rng([seed, len(split)])
    found = []
    for _ in range({"train": 96, "validation": 32, "test": 8}[split]):
        words = [WORDS[i] for i in random.permutation(len(WORDS))[: random.integers(3, 6)]] + ["red", "blue"]
        random.shuffle(words)
        found.append({"text": " ".join(words), "label": int(words.index("red") < words.index("blue"))})
    return found


def read(row: dict[str, object]) -> Example:
    """Return a row as an example."""
    return Example(id=f"row-{row['idx']}", text=str(row["text"]), target=int(str(row["label"])))


TOY = Task(
    name="toy",
    title="Toy",
    output=Classification(labels=("no", "yes")),
    read=read,
    metrics=(ACCURACY,),
    sample=SampleData(splits=("train", "validation", "test"), generate=rows, version=1),
)
TOY_TOO = Task(
    name="toy-too",
    title="Toy, too",
    output=Classification(labels=("no", "yes")),
    read=read,
    metrics=(ACCURACY,),
    sample=SampleData(splits=("train", "validation"), generate=rows, version=1, seed=1),
    starts_from=("toy",),
)


class WordsNetwork:
    """Token embeddings with positions and dropout, averaged through one hidden layer."""

    pad_id = 0

    def __init__(self, output: Output, step_seconds: float) -> None:
        import torch
        from torch import nn

        class Module(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.words = nn.Embedding(len(WORDS) + 1, 16)
                self.positions = nn.Embedding(16, 16)
                self.hidden = nn.Linear(16, 32)
                self.dropout = nn.Dropout(0.1)
                self.head = nn.Linear(32, len(output.labels) if isinstance(output, Classification) else 1)

            def forward(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
                if self.training:
                    time.sleep(step_seconds)
                x = self.words(ids) * self.positions(torch.arange(ids.shape[1], device=ids.device))  # (B, L, D)
                x = self.dropout(torch.relu(self.hidden(x))) * mask[:, :, None]
                return self.head(x.sum(1) / mask.sum(1, keepdim=True))  # (B, C)

        self.output = output
        self.module = Module()
        self.encoder = nn.ModuleList([self.module.words, self.module.positions, self.module.hidden])

    def losses(self, batch: Batch) -> "tuple[torch.Tensor, float]":
        """Return those of the output's kind."""
        from harness.training.outputs import head_of

        assert batch.labels is not None
        return head_of(self.output).loss(self.predict(batch), batch.labels, batch.mask)

    def predict(self, batch: Batch) -> "torch.Tensor":
        """Return the logits."""
        return self.module(batch.ids, batch.types, batch.mask)

    def encode(self, examples: Sequence[Example]) -> Encoded:
        """Return one token a word."""
        ids = [[WORDS.index(word) + 1 for word in example.text.split()] for example in examples]
        known = [example.target for example in examples]
        return Encoded(
            ids=np.concatenate([np.array(i, np.int32) for i in ids]),
            types=np.zeros(sum(map(len, ids)), np.int8),
            offsets=np.cumsum([0, *map(len, ids)]),
            examples=np.arange(len(ids), dtype=np.int32),
            labels=np.array(known, np.int64) if None not in known else None,
        )


class Hasty:
    """A torch model that keeps a checkpoint of every step."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.predict = model.predict

    @property
    def num_parameters(self) -> int:
        """Ask the model."""
        return self._model.num_parameters

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Fit it, in haste."""
        return self._model.fit(train, replace(session, checkpoint_seconds=0.0))


@dataclass(frozen=True, kw_only=True)
class WordsSpec(ModelSpec):
    """The spec of the network above; ``step_seconds`` makes it slow on purpose."""

    preload = ("harness.training.model",)
    outputs = (Classification,)

    step_seconds: float = 0.0

    @property
    def shares_encoder(self) -> bool:
        """Its encoder is the same for every task."""
        return True

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return a torch model."""
        from harness.training.model import TorchModel

        def make_network(_train: Sequence[Example]) -> WordsNetwork:
            return WordsNetwork(task.output, self.step_seconds)

        recipe = self.recipe_for(task)
        model = TorchModel(make_network, output=task.output, recipe=recipe, seed=seed, device=device)
        return Hasty(model) if self.step_seconds else model


class Broken:
    """A model that cannot be trained."""

    num_parameters = 0

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Fail."""
        raise ZeroDivisionError("planted")

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Never get here."""
        return []


class Stubborn:
    """A model that always says 0, and cannot take up a checkpoint: so its speed cannot be measured."""

    num_parameters = 0

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Fail where there is a checkpoint, else write one."""
        if session.checkpoint and session.checkpoint.exists():
            raise ZeroDivisionError("planted in the checkpoint")
        if session.checkpoint:
            session.checkpoint.write_text("")
        return History(notes=(f"collector on: {gc.isenabled()}", f"imports left out: {gc.get_freeze_count() > 0}"))

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Say 0."""
        return [Prediction(value=0, scores=(1.0, 0.0)) for _ in examples]


@dataclass(frozen=True, kw_only=True)
class BrokenSpec(ModelSpec):
    """The spec of a model that fails; ``kill`` ends its process instead, ``shares`` claims an encoder to share."""

    live: type[Broken] | type[Stubborn] = Broken
    kill: bool = False
    shares: bool = False

    @property
    def shares_encoder(self) -> bool:
        """Say what it is to claim."""
        return self.shares

    def supports(self, output: Output) -> bool:
        """Claim to answer everything."""
        return True

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return it, or die."""
        if self.kill:
            import os
            import signal

            os.kill(os.getpid(), signal.SIGKILL)
        return self.live()

    def identity(self) -> Mapping[str, Any]:
        """Return its name."""
        return {"name": self.name}


RECIPE = Recipe(optimisation=Optimisation(epochs=4, batch_size=16, learning_rate=3e-2))
WORDS_MODEL = WordsSpec(name="words", recipe=RECIPE)
SLOW = WordsSpec(name="slow", recipe=RECIPE, step_seconds=0.1)
STEADY = WordsSpec(name="steady", recipe=RECIPE, step_seconds=0.02)
BROKEN = BrokenSpec(name="broken")
BROKEN_START = BrokenSpec(name="broken-start", shares=True)
KILLED = BrokenSpec(name="killed", kill=True)
STUBBORN = BrokenSpec(name="stubborn", live=Stubborn)
