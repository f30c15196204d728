"""Which sentence of a minimal pair is more probable: the first, which is acceptable, or the second.

Values are 0 where the first is more probable, else 1, so a tie is wrong; scores are both log-probabilities in nats. A
masked language model gives pseudo-log-likelihoods in their place (Salazar et al. 2020): its title says so.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.api.example import Example, Prediction
from harness.api.output import MinimalPairs
from harness.outputs.kind import Credit, Kind, Likelihood

NAMES = ("the acceptable sentence", "the unacceptable sentence")


class MinimalPairsKind(Kind[MinimalPairs]):
    """See :class:`~harness.outputs.kind.Kind`; the credit is 1 where the acceptable sentence is more probable."""

    reads: ClassVar = frozenset[str]()
    hub_task: ClassVar = ("text-generation", "Minimal pairs")
    credit_name: ClassVar = "accuracy, %"
    right_from: ClassVar = 1.0
    right_means: ClassVar = "the acceptable sentence is the more probable one"
    needs_training: ClassVar = False
    scores_within: ClassVar = (-math.inf, 0.0)
    scores_mean: ClassVar = "log-probabilities, 0 or less"
    confidence_of: ClassVar = "of the two sentences: "

    @property
    def score_counts(self) -> frozenset[int]:
        """None, or one a sentence."""
        return frozenset({0, 2})

    @property
    def value_means(self) -> str:
        """Which of the two."""
        return "0, where the first sentence is more probable, or 1"

    def is_value(self, value: Any) -> bool:
        """Return whether the value is 0 or 1."""
        return isinstance(value, int | np.integer) and type(value) is not bool and value in (0, 1)

    def expected_target(self, example: Example) -> str | None:
        """Return what is expected unless there are two different sentences, the first of which is the target."""
        if not example.text or not example.pair:
            return "two sentences that are not empty"
        if example.text == example.pair:
            return "two sentences that differ"
        return None if type(example.target) is int and example.target == 0 else "0, the first sentence of the pair"

    def expected_prediction(self, prediction: Prediction, example: Example) -> str | None:
        """Return what is expected unless the value says which log-probability is the larger."""
        if type(prediction.value) is not int or prediction.value not in (0, 1):
            return "0 or 1 as a plain int"
        if not prediction.scores:
            return None
        if len(prediction.scores) != 2:
            return "two scores, the log-probability of each sentence"
        expected = _preference(*prediction.scores)
        return None if prediction == expected else "0 where the first score is the larger, else 1"

    def perfect(self, target: Any) -> Prediction:
        """Return the first sentence."""
        return Prediction(value=0)

    def uninformed(self) -> list[Prediction]:
        """Return the second sentence, as a tie is."""
        return [Prediction(value=1)]

    def grader(self, targets: Sequence[Any]) -> Callable[[Sequence[Any]], Credit]:
        """Return the function that gives 1 for the first sentence."""

        def grade(values: Sequence[Any]) -> Credit:
            return np.array([np.nan if value is None else float(value == 0) for value in values], dtype=np.float64)

        return grade

    def confidences(self, values: Sequence[Any], scores: Sequence[Sequence[float] | None]) -> NDArray[np.float64]:
        """Return the probability of the chosen sentence where it is one of the two."""
        margins = np.array([abs(given[0] - given[1]) if given else np.nan for given in scores], dtype=np.float64)
        return np.asarray(1.0 / (1.0 + np.exp(-margins)), dtype=np.float64)

    def texts(self, example: Example) -> tuple[str, ...]:
        """Return both sentences."""
        return (example.text, example.pair or "")

    def judged(self, likelihoods: Sequence[Likelihood]) -> Prediction:
        """Return which is more probable."""
        good, bad = likelihoods
        return _preference(good.log_probability, bad.log_probability)

    def show(self, answer: Any) -> str:
        """Return which sentence it is."""
        return NAMES[answer]

    def plain(self, answer: Any) -> Any:
        """Return the same as a text."""
        return None if answer is None else self.show(answer)

    def pack(self, values: Sequence[Any], targets: Sequence[Any]) -> bytes | None:
        """Return a bit for each pair: whether the prediction errs."""
        if not all(self.is_value(value) for value in values):
            raise ValueError("a prediction is neither sentence of its pair; expected 0 or 1.")
        return np.packbits(np.array(values, dtype=np.uint8)).tobytes()

    def packed_sizes(self, count: int) -> set[int]:
        """Return the one size, in whole bytes."""
        return {(count + 7) // 8}

    def unpack(self, raw: bytes, targets: Sequence[Any]) -> list[Prediction]:
        """Return which sentences were predicted."""
        bits = np.unpackbits(np.frombuffer(raw, np.uint8), count=len(targets))
        return [Prediction(value=value) for value in bits.tolist()]


def _preference(good: float, bad: float) -> Prediction:
    """Return the prediction that follows from the log-probabilities of both sentences; a tie is none for the first."""
    return Prediction(value=0 if good > bad else 1, scores=(good, bad))
