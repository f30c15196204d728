"""A bag of words: TF-IDF of words and word pairs, and a linear model. What it solves needs no word order.

Scikit-learn fits it on 67,000 sentences in a few seconds. Both texts of a pair have features of their own; since a
linear model cannot compare them, a few numbers that say how similar they are stand beside.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from baselines.solvers import SOLVED, Solver, solver_of
from harness.api.attribution import Attribution, word_weights
from harness.api.example import Example, Prediction
from harness.api.model import FitSession, History, Model, ModelSpec
from harness.api.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

TOKEN_PATTERN = r"\w+|[^\w\s]"  # words and single marks: "?" and "not" are features, and so is "'"


@dataclass(frozen=True, kw_only=True)
class BagSpec(ModelSpec):
    """The features' number and the inverse strength of regularisation (``C`` of scikit-learn)."""

    preload = ("sklearn.feature_extraction.text", "sklearn.linear_model", "sklearn.dummy")
    outputs = SOLVED

    num_features: int = 200_000
    inverse_regularisation: float = 10.0

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the model; nothing in it is random, and it needs no device."""
        return Bag(self, solver_of(task.output, inverse_regularisation=self.inverse_regularisation))


class Bag:
    """TF-IDF features and a linear model on them."""

    def __init__(self, spec: BagSpec, solver: Solver) -> None:
        self._spec = spec
        self._solver = solver
        self._vectorizers: list[Any] = []
        self.num_parameters = 0

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Count the words, then solve the convex problem to its one solution."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        num_texts = 1 if all(example.pair is None for example in train) else 2
        self._vectorizers = [
            TfidfVectorizer(
                token_pattern=TOKEN_PATTERN,
                ngram_range=(1, 2),
                sublinear_tf=True,
                max_features=self._spec.num_features // num_texts,
                dtype=np.float64,
            ).fit([_texts(example)[index] for example in train])
            for index in range(num_texts)
        ]
        self._solver.fit(self._features(train), [example.target for example in train])
        frequencies = sum(np.size(vectorizer.idf_) for vectorizer in self._vectorizers)
        self.num_parameters = frequencies + self._solver.num_parameters
        return History()

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Return the linear model's prediction on each example."""
        return self._solver.predict(self._features(examples)) if examples else []

    def explain(self, examples: Sequence[Example]) -> list[Attribution]:
        """Return why it answers each example as it does: coefficient times feature value, so exact.

        What is explained, the solver says. An n-gram's part is shared equally by the places where it stands, and there
        by its words. What the intercept and the likeness of the two texts say belongs to no word.
        """
        ends = np.cumsum([len(vectorizer.vocabulary_) for vectorizer in self._vectorizers])
        attributions = []
        for example, prediction in zip(examples, self.predict(examples), strict=True):
            towards, coefficients = self._solver.explain(prediction)
            parts = np.split(coefficients, ends)  # of the text's n-grams, the pair's, and likeness
            weights = [
                _by_word(text, vectorizer, part)
                for text, vectorizer, part in zip(_texts(example), self._vectorizers, parts, strict=False)
            ]
            if len(weights) == 1:  # training had no pairs, so none counts
                weights.append(word_weights(example.pair or "", (), ()))
            attributions.append(Attribution(id=example.id, towards=towards, text=weights[0], pair=weights[1]))
        return attributions

    def _features(self, examples: Sequence[Example]) -> "csr_matrix":
        """Return the features of each example, (examples, features)."""
        from scipy.sparse import csr_matrix, hstack

        parts = [
            vectorizer.transform([_texts(example)[index] for example in examples])
            for index, vectorizer in enumerate(self._vectorizers)
        ]
        if len(parts) == 2:
            split = self._vectorizers[0].build_analyzer()
            parts.append(csr_matrix([_likeness(split(text), split(pair)) for text, pair in map(_texts, examples)]))
        return csr_matrix(hstack(parts))


def _texts(example: Example) -> tuple[str, str]:
    return example.text, example.pair or ""


def _by_word(text: str, vectorizer: Any, coefficients: "NDArray[np.float64]") -> tuple[float, ...]:
    """Return each word's share in the n-grams' features times their coefficients."""
    lowered = [character.lower() for character in text]
    origin = [place for place, lower in enumerate(lowered) for _ in lower]  # capital dotted I becomes two characters
    tokens = list(re.finditer(TOKEN_PATTERN, "".join(lowered)))
    grams = [(token[0], [place]) for place, token in enumerate(tokens)]
    grams += [(f"{one[0]} {two[0]}", [place, place + 1]) for place, (one, two) in enumerate(pairwise(tokens))]
    counts = Counter(gram for gram, _ in grams)
    features = vectorizer.transform([text])
    parts = dict(zip(features.indices, features.data * coefficients[features.indices], strict=True))
    weights = np.zeros(len(tokens))
    for gram, places in grams:
        weights[places] += parts.get(vectorizer.vocabulary_.get(gram), 0.0) / counts[gram] / len(places)
    spans = [(origin[token.start()], origin[token.end() - 1] + 1) for token in tokens]
    return word_weights(text, spans, weights.tolist())


def _likeness(text: list[str], pair: list[str]) -> list[float]:
    """Return how alike two texts are, from their words and word pairs: figures from 0 to 1."""
    first, second = set(text), set(pair)
    words_first, words_second = ({gram for gram in grams if " " not in gram} for grams in (first, second))
    shared_words, shared = words_first & words_second, first & second
    return [
        len(shared) / max(1, len(first | second)),
        len(shared_words) / max(1, len(words_first | words_second)),
        len(shared_words) / max(1, len(words_first)),
        len(shared_words) / max(1, len(words_second)),
        float(first == second),
        (len(text) - len(pair)) / max(1, len(text) + len(pair)),
    ]


BAG = BagSpec(name="bag", title="TF-IDF n-grams and a linear model")
