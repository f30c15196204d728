"""A bag of words: TF-IDF of words and word pairs, and a linear model. What it solves needs no word order.

Scikit-learn fits it on 67,000 sentences in a few seconds. Both texts of a pair have features of their own; since a
linear model cannot compare them, a few figures of how alike they are stand beside.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.api.attribution import Attribution, word_weights
from harness.api.example import Example, Prediction
from harness.api.model import FitSession, History, Model, ModelSpec
from harness.api.output import Classification, Extraction, Output, Regression
from harness.api.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

TOKEN_PATTERN = r"\w+|[^\w\s]"  # words and single marks: "?" and "not" are features, and so is "'"


@dataclass(frozen=True, kw_only=True)
class BagSpec(ModelSpec):
    """The features' number and the inverse strength of regularisation (``C`` of scikit-learn)."""

    preload = ("sklearn.feature_extraction.text", "sklearn.linear_model", "sklearn.dummy")

    num_features: int = 200_000
    inverse_regularisation: float = 10.0

    def supports(self, output: Output) -> bool:
        """Return whether the answer is a label or a number: a bag has no places, so no spans."""
        return not isinstance(output, Extraction)

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the model; nothing in it is random, and it needs no device."""
        return Bag(task.output, self)


class Bag:
    """TF-IDF features and a logistic or a ridge regression on them."""

    def __init__(self, output: Output, spec: BagSpec) -> None:
        self._output = output
        self._spec = spec
        self._vectorizers: list[Any] = []
        self._linear: Any = None
        self.num_parameters = 0

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Count the words, then solve the convex problem to its one solution."""
        from sklearn.dummy import DummyClassifier
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression, Ridge

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
        targets = np.array([example.target for example in train])
        if isinstance(self._output, Regression):
            self._linear = Ridge(alpha=1 / self._spec.inverse_regularisation, solver="sparse_cg")
        elif len(np.unique(targets)) == 1:
            self._linear = DummyClassifier(strategy="prior")
        else:
            self._linear = LogisticRegression(C=self._spec.inverse_regularisation, max_iter=1_000)
        self._linear.fit(self._features(train), targets)
        self.num_parameters = sum(
            np.size(part)
            for part in (
                *(vectorizer.idf_ for vectorizer in self._vectorizers),
                getattr(self._linear, "coef_", ()),
                getattr(self._linear, "intercept_", ()),
            )
        )
        return History()

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer each example; scores are the probability of each label."""
        if not examples:
            return []
        features = self._features(examples)
        if not isinstance(self._output, Classification):
            return [Prediction(value=float(value)) for value in self._linear.predict(features)]
        probabilities = np.zeros((len(examples), len(self._output.labels)))  # (examples, labels)
        probabilities[:, self._linear.classes_] = self._linear.predict_proba(features)  # labels never seen stay at 0
        return [Prediction(value=int(row.argmax()), scores=tuple(row.tolist())) for row in probabilities]

    def explain(self, examples: Sequence[Example]) -> list[Attribution]:
        """Return why it answers each example as it does: coefficient times feature value, so exact.

        What is explained is the number, or the predicted label's logit less the mean of the others' (of those labels
        that training showed). An n-gram's part is shared equally by the places where it stands, and there by its words.
        What the intercept and the likeness of the two texts say belongs to no word.
        """
        ends = np.cumsum([len(vectorizer.vocabulary_) for vectorizer in self._vectorizers])
        labels = self._output.labels if isinstance(self._output, Classification) else None
        attributions = []
        for example, prediction in zip(examples, self.predict(examples), strict=True):
            parts = np.split(self._coefficients(prediction), ends)  # of the text's n-grams, the pair's, and likeness
            weights = [
                _by_word(text, vectorizer, part)
                for text, vectorizer, part in zip(_texts(example), self._vectorizers, parts, strict=False)
            ]
            if len(weights) == 1:  # training had no pairs, so none counts
                weights.append(word_weights(example.pair or "", (), ()))
            towards = labels[int(prediction.value)] if labels else "a higher number"
            attributions.append(Attribution(id=example.id, towards=towards, text=weights[0], pair=weights[1]))
        return attributions

    def _coefficients(self, prediction: Prediction) -> "NDArray[np.float64]":
        """Return the weight of each feature in what ``prediction`` rests on, (features,)."""
        if not hasattr(self._linear, "coef_"):  # training showed one label alone
            return np.zeros(self._features([Example(id="", text="")]).shape[1])
        weights: NDArray[np.float64] = np.atleast_2d(self._linear.coef_)  # (labels, features)
        if isinstance(self._output, Classification):
            label = list(self._linear.classes_).index(prediction.value)
            if len(weights) == 1:  # of two labels, the second's logit less the first's
                weights = np.concatenate([-weights, weights]) / 2
            weights = weights[[label]] - np.delete(weights, label, axis=0).mean(axis=0)
        return weights.ravel()

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
