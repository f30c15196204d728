"""``NAME+probe``: a linear model on the features of a frozen checkpoint, which are computed once.

A text, or two that are read together, is one vector: of an encoder the mean of its tokens' last hidden states, of a
causal model the state of its last token. Each feature is brought to mean 0 and deviation 1 over the training split, and
scikit-learn finds the weights, as for a bag of words. Nothing in it is random.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from baselines.checkpoints.location import Checkpoint
from baselines.solvers import SOLVED, Solver, solver_of
from harness.api.encoding import Coverage
from harness.api.example import Example, Prediction
from harness.api.identity import UNKEYED
from harness.api.method import Method
from harness.api.model import FitSession, History, Model, ModelSpec
from harness.api.output import Output
from harness.api.recipe import Encoding
from harness.api.task import Task
from harness.outputs import OF_TEXTS
from harness.system.cores import Cores

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from baselines.networks.pretrained import PretrainedNetwork

TOKENS_PER_WORD = 1.3


@dataclass(frozen=True, kw_only=True)
class Probe(ModelSpec):
    """A checkpoint whose texts are cut to ``max_length`` tokens; ``inverse_regularisation`` is scikit-learn's ``C``."""

    preload = ("baselines.networks.features", "sklearn.linear_model", "sklearn.dummy")
    outputs = SOLVED

    checkpoint: Checkpoint
    is_causal: bool = field(metadata=UNKEYED)
    multiplications: int = field(metadata=UNKEYED)
    max_length: int = 128
    inverse_regularisation: float = 0.1

    def reason_against(self, output: Output) -> str:
        """Return why it finds no spans, and scores no texts."""
        if type(output) in OF_TEXTS:
            return f"texts are scored by the checkpoint as it is; leave out +{self.method}"
        return "" if self.supports(output) else "a probe has one vector a text, and so finds no spans"

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the model; nothing in it is random."""
        solver = solver_of(task.output, inverse_regularisation=self.inverse_regularisation)
        return ProbeModel(self, solver, output=task.output, device=device)

    def operations_per_word(self) -> float:
        """Return 2 operations a weight and a token: each text is read once, and forward alone."""
        return 2.0 * self.multiplications * TOKENS_PER_WORD


class OfCheckpoint(Protocol):
    """A spec of a checkpoint, whatever its kind."""

    @property
    def name(self) -> str:
        """Its own."""

    @property
    def title(self) -> str:
        """What it is."""

    @property
    def checkpoint(self) -> Checkpoint:
        """Where it lies."""

    @property
    def multiplications(self) -> int:
        """Roughly what a token costs in it."""


def probe_of(spec: OfCheckpoint, method: Method, *, is_causal: bool) -> Probe:
    """Return the probe of a checkpoint."""
    return Probe(
        name=f"{spec.name}+{method}",
        title=f"{spec.title}, frozen, and a linear model",
        method=method,
        checkpoint=spec.checkpoint,
        is_causal=is_causal,
        multiplications=spec.multiplications,
    )


class ProbeModel:
    """Features in float32, whatever the device, and a linear model on them."""

    precision = "float32"

    def __init__(self, spec: Probe, solver: Solver, *, output: Output, device: str) -> None:
        self._spec = spec
        self._solver = solver
        self._output = output
        self._device = device
        self._network: PretrainedNetwork | None = None
        self._cache: Path | None = None
        self._cores = Cores()
        self.coverage: Coverage | None = None

    @property
    def num_parameters(self) -> int:
        """How many numbers the checkpoint and the linear model have."""
        frozen = sum(p.numel() for p in self._network.module.parameters()) if self._network else 0
        return frozen + self.num_trainable_parameters

    @property
    def num_trainable_parameters(self) -> int:
        """Those of the linear model."""
        return self._solver.num_parameters

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Compute the features, then solve the convex problem."""
        from baselines.networks.features import load_features

        self._cache, self._cores = session.cache, session.cores
        folder, encoding = self._spec.checkpoint.folder(), Encoding(max_length=self._spec.max_length)
        network = load_features(
            folder,
            is_causal=self._spec.is_causal,
            output=self._output,
            encoding=encoding,
            adapter=self._spec.checkpoint.adapter,
        )
        network.module.to(self._device)
        self._network = network
        features = self._features(train)
        self._mean, deviation = features.mean(axis=0), features.std(axis=0)
        self._deviation = np.where(deviation > 0, deviation, 1.0)
        self._solver.fit(self._standardised(features), [example.target for example in train])
        return History(notes=network.notes)

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Return the linear model's prediction on each example."""
        return self._solver.predict(self._standardised(self._features(examples))) if examples else []

    def flops_per_example(self, examples: Sequence[Example]) -> float | None:
        """Return the mean of what the features of an example take."""
        from harness.training.flops import inference_flops

        assert self._network is not None, "fit before counting"
        encoded = self._network.encode(examples)
        return inference_flops(self._network, encoded, device=self._device, precision=self.precision)

    def _features(self, examples: Sequence[Example]) -> "NDArray[np.float64]":
        """Return the features of each example, (N, D)."""
        from harness.training import encoding_cache
        from harness.training.inference import predict_logits

        assert self._network is not None, "fit before predict"
        encoded = encoding_cache.encode(self._network, examples, folder=self._cache)
        self.coverage = encoded.coverage
        features = predict_logits(
            self._network,
            encoded,
            output=self._output,
            device=self._device,
            precision=self.precision,
            cores=self._cores,
        )
        return features.astype(np.float64)

    def _standardised(self, features: "NDArray[np.float64]") -> "NDArray[np.float64]":
        standard: NDArray[np.float64] = (features - self._mean) / self._deviation
        return standard
