"""From logits to answers: :func:`decode` gives the predictions that a network's raw output stands for.

Spans are decoded as ``run_qa.py`` of Transformers does, but over *every* span of admissible length instead of the 20
likeliest starts crossed with the 20 likeliest ends. A span seen by two overlapping windows is a candidate in both; no
window is preferred for the context that it shows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from harness.api.encoding import Encoded
from harness.api.example import Example, Prediction
from harness.api.output import Classification, Extraction, Output, Regression

NUM_BEST = 20
"""How many spans "no answer" is weighed against: ``run_qa.py``'s ``n_best_size``."""


def decode(
    output: Output,
    logits: NDArray[np.float32],
    encoded: Encoded,
    examples: Sequence[Example],
    *,
    max_answer_length: int = 30,
) -> list[Prediction]:
    """Return the answer to each example, in order.

    ``logits`` belong to the sequences of ``encoded``: (S, labels) for classification, (S, 1) for regression, and for
    extraction (T, 2), the start and the end of the answer at each token. ``max_answer_length`` counts tokens.
    """
    match output:
        case Classification():
            return _labels(logits.astype(np.float64))
        case Regression():
            return [Prediction(value=value) for value in logits[:, 0].tolist()]
        case Extraction():
            spans = encoded.spans
            assert spans is not None, "extraction needs the characters that each token covers"
            choices = choose(output, logits.astype(np.float64), encoded, len(examples), max_answer_length)
            return [
                # The span of token 0 is empty.
                Prediction(value=(example.pair or "")[spans[c.first, 0] : spans[c.last, 1]], scores=c.scores)
                for example, c in zip(examples, choices, strict=True)
            ]


def _labels(logits: NDArray[np.float64]) -> list[Prediction]:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return [
        Prediction(value=label, scores=tuple(scores))
        for label, scores in zip(logits.argmax(axis=1).tolist(), probabilities.tolist(), strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The first and the last token of an answer, as indices into the encoding; of "no answer", a window's token 0."""

    first: int
    last: int
    scores: tuple[float, ...]


def choose(
    output: Extraction, logits: NDArray[np.float64], encoded: Encoded, num_examples: int, max_answer_length: int
) -> Iterator[Choice]:
    """Yield the best span of each example, or no answer where the task knows it and its score is higher.

    A span's score is its start logit plus its end logit; of equal ones the earlier start counts, then the shorter. The
    score of "no answer" is that of token 0, and of several windows the lowest: all of them have to want it.
    """
    spans = encoded.spans
    assert spans is not None, "extraction needs the characters that each token covers"
    inside = spans[:, 1] > spans[:, 0]  # (T,), whether the token covers any of the passage
    starts, ends = np.where(inside[:, None], logits, -np.inf).T  # (T,), (T,)
    ends = sliding_window_view(np.pad(ends, (0, max_answer_length - 1), constant_values=-np.inf), max_answer_length)
    lengths = np.arange(max_answer_length)
    room = np.repeat(encoded.offsets[1:], encoded.lengths) - np.arange(len(spans))  # (T,), tokens left in the window
    none_scores = logits[encoded.offsets[:-1]].sum(axis=1)  # (S,)
    windows = np.searchsorted(encoded.examples, np.arange(num_examples + 1))  # (examples + 1,)

    for first, last in pairwise(windows):
        tokens = slice(encoded.offsets[first], encoded.offsets[last])
        scores = starts[tokens, None] + ends[tokens]  # (N, max_answer_length)
        scores[lengths >= room[tokens, None]] = -np.inf
        start, length = np.unravel_index(scores.argmax(), scores.shape)
        window = first + none_scores[first:last].argmin()
        none_score = none_scores[window]
        confidence = (_no_answer_probability(none_score, scores.ravel()),) if output.unanswerable else ()
        if scores[start, length] == -np.inf or (output.unanswerable and none_score > scores[start, length]):
            token = int(encoded.offsets[window])
            yield Choice(first=token, last=token, scores=confidence)
        else:
            token = int(tokens.start + start)
            yield Choice(first=token, last=token + int(length), scores=confidence)


def _no_answer_probability(none_score: np.float64, scores: NDArray[np.float64]) -> float:
    """Return the softmax of "no answer" against the best spans."""
    best = np.partition(scores, -NUM_BEST)[-NUM_BEST:] if len(scores) > NUM_BEST else scores
    return float(np.exp(none_score - np.logaddexp.reduce(best, initial=none_score)))
