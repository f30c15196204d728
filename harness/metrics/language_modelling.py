"""How well texts are predicted: bits per byte, perplexity a word and a token, over all documents of a split together.

Each is a ratio of sums over documents, so that a long one counts for more; a resample draws documents, which are the
independent units, and not tokens. A word is what whitespace separates, and each end of a line counts as one, as in
WikiText's official counts (Merity et al. 2017), whatever tokens a model is made of.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from harness.api.example import Example, Prediction
from harness.api.metric import Floats, Metric, Resampled

LARGEST_EXPONENT = 700.0
"""Of a perplexity, so that it is a number whatever a model says."""


def num_words(text: str) -> int:
    """Return the words of a text, with one for each end of a line.

    >>> num_words("a b \\n c \\n")
    5
    """
    return len(text.split()) + text.count("\n")


def _compute(prefix: str, predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
    values = _resample(prefix, [predictions], examples)(np.ones((1, len(examples))))
    return {name: float(found[0, 0]) for name, found in values.items()}


def _resample(prefix: str, predictions: Sequence[Sequence[Prediction]], examples: Sequence[Example]) -> Resampled:
    nats = -np.array([[p.value for p in each] for each in predictions], dtype=np.float64)  # (M, N)
    num_bytes = np.array([len(example.text.encode()) for example in examples], dtype=np.float64)
    words = np.array([max(num_words(example.text), 1) for example in examples], dtype=np.float64)
    has_tokens = all(prediction.scores for each in predictions for prediction in each)
    tokens = np.array([[sum(p.scores) for p in each] for each in predictions], dtype=np.float64)  # (M, N)

    def function(weights: Floats) -> Mapping[str, Floats]:
        total = nats @ weights.T  # (M, R)
        found = {
            f"{prefix}bits_per_byte": total / (weights @ num_bytes) / np.log(2.0),
            f"{prefix}word_perplexity": _exp(total / (weights @ words)),
        }
        return {**found, f"{prefix}token_perplexity": _exp(total / (tokens @ weights.T))} if has_tokens else found

    return function


def _exp(values: Floats) -> Floats:
    perplexity: Floats = np.exp(np.minimum(values, LARGEST_EXPONENT))
    return perplexity


def _metric(prefix: str) -> Metric:
    return Metric(
        names=(f"{prefix}bits_per_byte",),
        compute=partial(_compute, prefix),
        resample=partial(_resample, prefix),
        bounds=(0.0, np.inf),
        unit=f"{prefix.replace('_', ' ')}bits",
        higher_is_better=False,
    )


LIKELIHOOD = _metric("")
"""Bits per byte, the score, which compares whatever the tokens are; perplexity a word and a token stand beside it."""

PSEUDO_LIKELIHOOD = _metric("pseudo_")
"""The same of pseudo-log-likelihoods (Salazar et al. 2020): each token is predicted from both of its sides."""
