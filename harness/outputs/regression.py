"""A number in the data's own unit; predictions are not clipped to the range of targets, and have no scores."""

import itertools
import math
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.api.example import Example, Prediction
from harness.api.output import Regression
from harness.api.prompt import Prompt
from harness.outputs.kind import Constant, Credit, Kind

NUM_SLICES = 5
SAME = 0.01
"""Numbers that are closer than this fraction of the range tell nothing apart."""


class RegressionKind(Kind[Regression]):
    """See :class:`~harness.outputs.kind.Kind`."""

    hub_task: ClassVar = ("text-classification", "Text regression")  # as transformers' own cards have STS-B
    credit_name: ClassVar = "closeness, % (100 less the error as a fraction of the range)"
    right_from: ClassVar = 0.75
    right_means: ClassVar = "it is off by no more than a quarter of the range"

    @property
    def num_logits(self) -> int:
        """The number itself."""
        return 1

    @property
    def spread(self) -> float:
        """The range of targets."""
        return self.output.high - self.output.low

    @property
    def near(self) -> float | None:
        """As far as a right prediction may be off."""
        return self.spread * (1 - self.right_from)

    @property
    def value_means(self) -> str:
        """A number."""
        return "a number"

    def is_value(self, value: Any) -> bool:
        """Return whether the value is a number, be it NumPy's."""
        return isinstance(value, int | float | np.integer | np.floating) and type(value) is not bool

    def expected_target(self, example: Example) -> str | None:
        """Return what is expected unless the target is a number in the range."""
        target, low, high = example.target, self.output.low, self.output.high
        is_number = isinstance(target, int | float) and not isinstance(target, bool) and low <= target <= high
        return None if is_number else f"a number from {low:g} to {high:g}"

    def expected_prediction(self, prediction: Prediction, example: Example) -> str | None:
        """Return what is expected unless the value is a finite float, without scores."""
        value = prediction.value
        if not (type(value) is float and math.isfinite(value)):
            return "a plain, finite float"
        return "no scores, as a number has none" if prediction.scores else None

    def perfect(self, target: Any) -> Prediction:
        """Return the number."""
        return Prediction(value=float(target))

    def uninformed(self) -> list[Prediction]:
        """Return the middle of the range."""
        return [Prediction(value=(self.output.low + self.output.high) / 2)]

    def constant(self, targets: Sequence[Any]) -> Constant:
        """Return the mean."""
        mean = fmean(targets)
        return Constant(parameters=(mean,), predict=lambda _: Prediction(value=mean))

    def largest_fraction(self, values: Sequence[Any]) -> float:
        """Return the fraction of numbers that are no farther from the middle one than a hundredth of the range."""
        numbers = np.array(values, dtype=np.float64)
        return float((np.abs(numbers - np.median(numbers)) <= self.spread * SAME).mean())

    def grader(self, targets: Sequence[Any]) -> Callable[[Sequence[Any]], Credit]:
        """Return the function that gives 1 less the distance to the target as a fraction of the range, 0 at least."""
        right = np.array(targets, dtype=np.float64)

        def grade(values: Sequence[Any]) -> Credit:
            given = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
            return np.asarray(1.0 - np.minimum(np.abs(given - right) / self.spread, 1.0), dtype=np.float64)

        return grade

    def expected_prompt(self, prompt: Prompt) -> str | None:
        """Return what is expected unless each answer stands for a number."""
        return None if prompt.grades else "grades, the number that each of them stands for"

    def right_answer(self, target: Any, asked: int, prompt: Prompt) -> int:
        """Return the nearest grade, the lower of two."""
        return int(np.argmin(np.abs(np.array(prompt.grades) - target)))

    def answered(self, probabilities: NDArray[np.float64], prompt: Prompt) -> Prediction:
        """Return the expected value of the grades."""
        return Prediction(value=float(probabilities[0] @ np.array(prompt.grades)))

    def show(self, answer: Any) -> str:
        """Return the number to two places."""
        return f"{answer:.2f}"

    def plain(self, answer: Any) -> Any:
        """Return the number to three places; ``None`` where it is none."""
        if answer is None:
            return None
        return round(float(answer), 3) if math.isfinite(answer) else None

    def slices(self, targets: Sequence[Any]) -> list[tuple[str, NDArray[np.bool_]]]:
        """Return the examples of each fifth of the range."""
        true = np.array(targets, dtype=np.float64)
        edges = np.linspace(self.output.low, self.output.high, NUM_SLICES + 1)
        return [
            (f"{low:g} to {high:g}", (true >= low if low == self.output.low else true > low) & (true <= high))
            for low, high in itertools.pairwise(edges)
        ]

    def pack(self, values: Sequence[Any], targets: Sequence[Any]) -> bytes | None:
        """Return the numbers as they are, float32 where that is exact."""
        numbers = np.array(values)
        if not (np.issubdtype(numbers.dtype, np.number) and np.isfinite(numbers).all()):
            raise ValueError("a prediction is not a number; expected finite numbers.")
        with np.errstate(over="ignore"):  # beyond what single precision holds: infinite, and so not the same
            single = numbers.astype("<f4")
        return (single if (single == numbers).all() else numbers.astype("<f8")).tobytes()

    def packed_sizes(self, count: int) -> set[int]:
        """Return the sizes in single and in double precision."""
        return {4 * count, 8 * count}

    def unpack(self, raw: bytes, targets: Sequence[Any]) -> list[Prediction]:
        """Return the numbers."""
        numbers = np.frombuffer(raw, "<f4" if len(raw) == 4 * len(targets) else "<f8").astype(float)
        if not np.isfinite(numbers).all():
            raise ValueError("packed predictions that are not finite numbers; is the file edited?")
        return [Prediction(value=value) for value in numbers.tolist()]
