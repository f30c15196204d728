"""A span of a passage: cross-entropies of its start and its end, and the best span of all windows.

Spans are decoded as ``run_qa.py`` of Transformers does, but over *every* span of admissible length instead of the 20
likeliest starts crossed with the 20 likeliest ends. A span seen by two overlapping windows is a candidate in both; no
window is preferred for the context that it shows.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from harness.api.encoding import Encoded
from harness.api.example import Example, Prediction
from harness.api.output import Extraction
from harness.api.recipe import Decoding
from harness.training.outputs.head import Explained, Head

NUM_BEST = 20
"""How many spans "no answer" is weighed against: ``run_qa.py``'s ``n_best_size``."""


class ExtractionHead(Head[Extraction]):
    """See :class:`~harness.training.outputs.head.Head`; logits are (B, L, 2), the start and the end of the span.

    Token 0 stands for "no answer".
    """

    def labels(self, targets: Sequence[Any]) -> NDArray[Any]:
        """Return the first and the last token of each sequence's span within it, int64 (S, 2), given as such pairs.

        Where the spans lie among the tokens only the windows over a passage can say, so whoever cuts them gives pairs.
        """
        return np.array(targets, np.int64).reshape(-1, 2)

    def sequence_losses(self, logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """Return the means of the cross-entropies of start and end over real tokens, (B,).

        As in Devlin et al. 2019, section 4.2.
        """
        logits = logits.masked_fill(~mask[:, :, None], torch.finfo(torch.float32).min)  # (B, L, 2)
        start = functional.cross_entropy(logits[:, :, 0], labels[:, 0], reduction="none")
        end = functional.cross_entropy(logits[:, :, 1], labels[:, 1], reduction="none")
        return (start + end) / 2

    def decode(
        self, logits: NDArray[np.float32], encoded: Encoded, examples: Sequence[Example], decoding: Decoding
    ) -> list[Prediction]:
        """Return the text of the best span, or of "no answer" the empty one."""
        spans = encoded.spans
        assert spans is not None, "extraction needs the characters that each token covers"
        choices = choose(self.output, logits.astype(np.float64), encoded, len(examples), decoding.max_answer_length)
        return [
            Prediction(value=_text(example, spans, choice), scores=choice.scores)
            for example, choice in zip(examples, choices, strict=True)
        ]

    def explained(
        self, logits: NDArray[np.float32], encoded: Encoded, examples: Sequence[Example], decoding: Decoding
    ) -> list[Explained]:
        """Return the start and the end logit of the span, or of token 0, in the one window that it was found in."""
        spans, explained = encoded.spans, []
        assert spans is not None, "extraction needs the characters that each token covers"
        choices = choose(self.output, logits.astype(np.float64), encoded, len(examples), decoding.max_answer_length)
        for example, choice in zip(examples, choices, strict=True):
            sequence = int(np.searchsorted(encoded.offsets, choice.first, side="right")) - 1
            coefficients = np.zeros((encoded.lengths[sequence], 2), np.float32)  # (L, 2)
            coefficients[choice.first - encoded.offsets[sequence], 0] = 1.0
            coefficients[choice.last - encoded.offsets[sequence], 1] = 1.0
            towards = _text(example, spans, choice) or "no answer"
            explained.append(Explained(sequence=sequence, towards=towards, coefficients=coefficients))
        return explained


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
    left = np.repeat(encoded.offsets[1:], encoded.lengths) - np.arange(len(spans))  # (T,), tokens left in the window
    none_scores = logits[encoded.offsets[:-1]].sum(axis=1)  # (S,)
    windows = np.searchsorted(encoded.examples, np.arange(num_examples + 1))  # (examples + 1,)

    for first, last in pairwise(windows):
        tokens = slice(encoded.offsets[first], encoded.offsets[last])
        scores = starts[tokens, None] + ends[tokens]  # (N, max_answer_length)
        scores[lengths >= left[tokens, None]] = -np.inf
        start, length = np.unravel_index(scores.argmax(), scores.shape)
        window = first + none_scores[first:last].argmin()
        none_score = none_scores[window]
        confidence: tuple[float, ...] = ()
        if not np.isfinite(logits[tokens]).all():
            confidence = (math.nan,)  # whatever the span, it is no prediction, and whoever checks it must see that
        elif output.unanswerable:
            confidence = (_no_answer_probability(none_score, scores.ravel()),)
        if scores[start, length] == -np.inf or (output.unanswerable and none_score > scores[start, length]):
            token = int(encoded.offsets[window])
            yield Choice(first=token, last=token, scores=confidence)
        else:
            token = int(tokens.start + start)
            yield Choice(first=token, last=token + int(length), scores=confidence)


def _text(example: Example, spans: NDArray[np.int32], choice: Choice) -> str:
    """Return the characters from the first to the last token; those of token 0 are none."""
    return (example.pair or "")[spans[choice.first, 0] : spans[choice.last, 1]]


def _no_answer_probability(none_score: np.float64, scores: NDArray[np.float64]) -> float:
    """Return the softmax of "no answer" against the best spans."""
    best = np.partition(scores, -NUM_BEST)[-NUM_BEST:] if len(scores) > NUM_BEST else scores
    return float(np.exp(none_score - np.logaddexp.reduce(best, initial=none_score)))
