"""Floors of language modelling: an n-gram model of words, and a uniform one of bytes.

Both give every text a probability, so that their bits per byte stand beside those of any other model. The n-gram model
learns from the training split, or from a text file: ``--model ngram:FILE``, for tasks that have no such split.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from baselines.kneser_ney.text_model import TextModel
from harness.api.example import Example, Prediction
from harness.api.model import FitSession, History, Model, ModelFamily, ModelSpec
from harness.api.output import LanguageModelling, Output
from harness.api.task import Task
from harness.errors import TrainingError, UsageError
from harness.outputs import OF_TEXTS, Likelihood, kind_of

PREFIX = "ngram:"


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A text file, and the SHA-256 of its content."""

    path: Path
    sha256: str

    def identity(self) -> str:
        """Return the hash."""
        return f"sha256:{self.sha256}"

    def text(self) -> str:
        """Return the text, if it is still the same."""
        raw = self.path.read_bytes()
        if hashlib.sha256(raw).hexdigest() != self.sha256:
            raise UsageError(f"the corpus {self.path} has changed since the run began; start the run again.")
        return raw.decode("utf-8")


@dataclass(frozen=True, kw_only=True)
class NgramSpec(ModelSpec):
    """The order of the n-grams of words, and how often a word must occur to be known; others are spelled in bytes."""

    outputs = OF_TEXTS

    order: int = 5
    least_count: int = 2
    corpus: Corpus | None = None

    def supports(self, output: Output) -> bool:
        """Return whether it is a probability that is asked for."""
        return super().supports(output) and output != LanguageModelling(pseudo=True)

    @property
    def needs_training_split(self) -> bool:
        """Whether there is no text file to learn from."""
        return self.corpus is None

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the model; nothing in it is random, and it needs no device."""
        return Ngram(self, task.output)


class Ngram:
    """An interpolated Kneser-Ney model of words, with one of bytes for the words that it does not know."""

    def __init__(self, spec: NgramSpec, output: Output) -> None:
        self._spec = spec
        self._kind = kind_of(output)
        self._model: TextModel | None = None

    @property
    def num_parameters(self) -> int:
        """How many n-grams it has counted."""
        return self._model.num_ngrams if self._model else 0

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Count."""
        texts = [self._spec.corpus.text()] if self._spec.corpus else [example.text for example in train]
        if not texts:
            raise TrainingError("the n-gram model learns from a training split, and there is none.")
        self._model = TextModel.fit(texts, order=self._spec.order, least_count=self._spec.least_count)
        return History(notes=(self._model.note,))

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Score each example."""
        assert self._model is not None, "fit before predict"
        return [self._kind.judged(list(map(self._model.score, self._kind.texts(example)))) for example in examples]


@dataclass(frozen=True, kw_only=True)
class UniformSpec(ModelSpec):
    """Every byte of 256 is as probable as any other: 8 bits per byte; of two sentences the shorter is more probable."""

    outputs = OF_TEXTS

    def supports(self, output: Output) -> bool:
        """Return whether it is a probability that is asked for."""
        return super().supports(output) and output != LanguageModelling(pseudo=True)

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the model."""
        return Uniform(task.output)


class Uniform:
    """Learns nothing."""

    num_parameters = 0

    def __init__(self, output: Output) -> None:
        self._kind = kind_of(output)

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Do nothing."""
        return History()

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Count bytes."""
        return [self._kind.judged(list(map(_uniform, self._kind.texts(example)))) for example in examples]


def _uniform(text: str) -> Likelihood:
    size = len(text.encode())
    return Likelihood(log_probability=-size * math.log(256.0), num_tokens=size)


def resolve(name: str) -> NgramSpec | None:
    """Return the n-gram model that learns from the text file that ``ngram:FILE`` names; ``None`` for another name.

    Raises:
        UsageError: there is no such file, or no text in it.
    """
    if not name.startswith(PREFIX):
        return None
    path = Path(name.removeprefix(PREFIX)).expanduser()
    if not path.is_file():
        raise UsageError(f"--model {name}: no such file; expected a text file that the n-gram model learns from.")
    raw = path.read_bytes()
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UsageError(f"--model {name}: line {line} is no UTF-8; expected a text file in UTF-8.") from error
    if not raw.strip():
        raise UsageError(f"--model {name}: the file is empty; expected a text.")
    corpus = Corpus(path=path.resolve(), sha256=hashlib.sha256(raw).hexdigest())
    return replace(NGRAM, name=f"ngram-{path.stem}", title=f"{NGRAM.title}, of {path.name}", corpus=corpus)


NGRAM = NgramSpec(name="ngram", title="5-grams of words with Kneser-Ney smoothing")
UNIFORM = UniformSpec(name="uniform", title="all bytes equally probable")
NGRAMS = ModelFamily(name="ngram", title="n-grams of a text file: ngram:FILE", resolve=resolve)
