"""The probability of a whole document: values are log-probabilities in nats, scores the number of tokens.

A target is the document's size in bytes of UTF-8, which it has whatever tokens a model is made of.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from harness.api.example import Example, Prediction
from harness.api.output import LanguageModelling
from harness.outputs.kind import Credit, Kind, Likelihood

NUM_TIMED_WORDS = 64


class LanguageModellingKind(Kind[LanguageModelling]):
    """See :class:`~harness.outputs.kind.Kind`; the credit is the geometric mean of the probability of each byte."""

    reads: ClassVar = frozenset[str]()
    hub_task: ClassVar = ("text-generation", "Language modelling")
    credit_name: ClassVar = "probability of a byte, geometric mean, %"
    right_means: ClassVar = "a byte takes no more than one bit"
    needs_training: ClassVar = False
    scores_within: ClassVar = (1.0, math.inf)
    scores_mean: ClassVar = "number of tokens, from 1"

    @property
    def score_counts(self) -> frozenset[int]:
        """The number of tokens, or none."""
        return frozenset({0, 1})

    @property
    def value_means(self) -> str:
        """A log-probability."""
        return "log-probabilities, numbers of 0 or less"

    def is_value(self, value: Any) -> bool:
        """Return whether the value is a number that the logarithm of a probability can be."""
        return (
            isinstance(value, int | float | np.integer | np.floating) and type(value) is not bool and bool(value <= 0)
        )

    def expected_target(self, example: Example) -> str | None:
        """Return what is expected unless the target is the size of the text, which is not empty."""
        if not example.text:
            return "a document that is not empty"
        size = len(example.text.encode())
        is_size = type(example.target) is int and example.target == size
        return None if is_size else f"the bytes of the document in UTF-8, {size:,}"

    def expected_prediction(self, prediction: Prediction, example: Example) -> str | None:
        """Return what is expected unless the value is a finite log-probability, and the score a number of tokens."""
        value = prediction.value
        if not (type(value) is float and math.isfinite(value) and value <= 0):
            return "a plain, finite float of 0 or less, the log-probability of the document in nats"
        if len(prediction.scores) > 1 or any(score < 1 for score in prediction.scores):
            return "as scores the number of tokens alone, or nothing"
        return None

    def perfect(self, target: Any) -> Prediction:
        """Return certainty of every token, of which there is one a byte."""
        return Prediction(value=0.0, scores=(float(target),))

    def uninformed(self) -> list[Prediction]:
        """Return a probability that has nothing to do with the text."""
        return [Prediction(value=-1e6, scores=(1e6,))]

    def grader(self, targets: Sequence[Any]) -> Callable[[Sequence[Any]], Credit]:
        """Return the function that gives the geometric mean of the probability of each byte."""
        sizes = np.array(targets, dtype=np.float64)

        def grade(values: Sequence[Any]) -> Credit:
            given = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
            return np.asarray(np.exp(given / sizes), dtype=np.float64)

        return grade

    def texts(self, example: Example) -> tuple[str, ...]:
        """Return the document."""
        return (example.text,)

    def judged(self, likelihoods: Sequence[Likelihood]) -> Prediction:
        """Return the log-probability of the document and the number of its tokens."""
        (found,) = likelihoods
        return Prediction(value=found.log_probability, scores=(float(found.num_tokens),))

    def timed(self, example: Example) -> Example:
        """Return the document as far as its first words: a whole one may take a minute."""
        text = " ".join(example.text.split()[:NUM_TIMED_WORDS]) or example.text
        return replace(example, text=text, target=len(text.encode()))

    def show(self, answer: Any) -> str:
        """Return the log-probability, or the size in bytes."""
        return f"{answer:,.1f} nats" if isinstance(answer, float) else f"{answer:,} bytes"

    def plain(self, answer: Any) -> Any:
        """Return the number to one place; ``None`` where it is none."""
        return None if answer is None else self.show(answer)

    def pack(self, values: Sequence[Any], targets: Sequence[Any]) -> bytes | None:
        """Return the log-probabilities, which the score alone rests on."""
        numbers = np.array(values, dtype=np.float64)
        if not (np.isfinite(numbers).all() and (numbers <= 0).all()):
            raise ValueError("a prediction is no log-probability; expected finite numbers of 0 or less.")
        return numbers.astype("<f8").tobytes()

    def packed_sizes(self, count: int) -> set[int]:
        """Return the one size."""
        return {8 * count}

    def unpack(self, raw: bytes, targets: Sequence[Any]) -> list[Prediction]:
        """Return the log-probabilities, without the numbers of tokens."""
        numbers = np.frombuffer(raw, "<f8")
        if not (np.isfinite(numbers).all() and (numbers <= 0).all()):
            raise ValueError("packed predictions that are no log-probabilities; is the file edited?")
        return [Prediction(value=value) for value in numbers.tolist()]
