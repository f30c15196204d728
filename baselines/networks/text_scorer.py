"""A live model that scores texts as it is: :class:`TextScorer`, of any network that makes rows of texts."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from torch import Tensor

from baselines.networks.scoring import Batch, Row, score
from harness.api.example import Example, Prediction
from harness.api.model import FitSession, History
from harness.api.output import Output
from harness.errors import PredictionError
from harness.outputs import Likelihood, kind_of
from harness.system.cores import Cores

CHUNK_TOKENS = 2_000_000
"""So many tokens are made rows of at a time; of a masked language model each one is a row."""


class TextNetwork(Protocol):
    """A language model with its tokenizer."""

    model: Any

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of its numbers."""

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text."""

    def rows(self, texts: Sequence[Sequence[int]]) -> list[Row]:
        """Return rows that ask for each token of each text."""

    def forward(self, batch: Batch) -> Tensor:
        """Return logits of the states that are asked, (S, V)."""


class TextScorer:
    """Learns nothing; a prediction follows from how probable an example's texts are."""

    def __init__(self, load: Callable[[], TextNetwork], *, output: Output, device: str) -> None:
        self._load = load
        self._kind = kind_of(output)
        self._device = device
        self._network: TextNetwork | None = None
        self._cores = Cores()

    @property
    def num_parameters(self) -> int:
        """How many numbers the network has."""
        return sum(p.numel() for p in self._network.model.parameters()) if self._network else 0

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Load the network."""
        self._cores = session.cores
        self._network = self._load()
        return History(notes=self._network.notes)

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Score the texts of each example."""
        assert self._network is not None, "fit before predict"
        texts = [self._kind.texts(example) for example in examples]
        tokens = self._network.encode([text for several in texts for text in several])
        owners = [example.id for example, several in zip(examples, texts, strict=True) for _ in several]
        if empty := [owner for ids, owner in zip(tokens, owners, strict=True) if not ids]:
            raise PredictionError(f"example {empty[0]!r} has a text without any token; expected one at least.")
        values = iter(zip(self._scores(tokens), map(len, tokens), strict=True))
        likelihoods = (Likelihood(log_probability=value, num_tokens=count) for value, count in values)
        return [self._kind.judged(list(itertools.islice(likelihoods, len(several)))) for several in texts]

    def _scores(self, tokens: Sequence[Sequence[int]]) -> list[float]:
        """Return the log-probability of each text."""
        assert self._network is not None
        found: list[float] = []
        for texts in _chunks(tokens):
            rows = self._network.rows(texts)
            values = score(rows, len(texts), self._network.forward, device=self._device, cores=self._cores)
            found += np.minimum(values, 0.0).tolist()
        return found


def _chunks(tokens: Sequence[Sequence[int]]) -> Iterator[Sequence[Sequence[int]]]:
    """Yield the texts in order, parted where enough tokens are together."""
    ends = np.cumsum([len(ids) for ids in tokens]) // CHUNK_TOKENS
    bounds = [0, *(np.flatnonzero(np.diff(ends)) + 1).tolist(), len(tokens)]
    return (tokens[start:end] for start, end in itertools.pairwise(bounds) if end > start)
