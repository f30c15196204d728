"""One of some labels: targets and values are indices, scores a probability for each label."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from textwrap import shorten
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.api.example import Example, Prediction
from harness.api.output import Classification
from harness.api.prompt import Prompt
from harness.outputs.kind import Constant, Credit, Kind


class ClassificationKind(Kind[Classification]):
    """See :class:`~harness.outputs.kind.Kind`."""

    hub_task: ClassVar = ("text-classification", "Text classification")
    credit_name: ClassVar = "accuracy, %"
    right_means: ClassVar = "it is the gold label"

    @property
    def num_logits(self) -> int:
        """One a label."""
        return len(self.output.labels)

    @property
    def labels(self) -> tuple[str, ...]:
        """The task's labels."""
        return self.output.labels

    @property
    def scores_sum_to_one(self) -> bool:
        """One label is the right one."""
        return True

    @property
    def value_means(self) -> str:
        """An index."""
        return f"a whole number from 0 to {len(self.labels) - 1}, the index of a label"

    def is_value(self, value: Any) -> bool:
        """Return whether the value is an index, be it NumPy's."""
        return isinstance(value, int | np.integer) and type(value) is not bool and int(value) in range(len(self.labels))

    def expected_target(self, example: Example) -> str | None:
        """Return what is expected unless the target is an index."""
        if self._is_index(example.target):
            return None
        return f"an index into {len(self.labels)} labels ({shorten(', '.join(self.labels), 80, placeholder=' …')})"

    def expected_prediction(self, prediction: Prediction, example: Example) -> str | None:
        """Return what is expected unless the value is an index, and scores are probabilities of which it is highest."""
        value: Any = prediction.value
        scores = prediction.scores
        if not self._is_index(value):
            return f"a plain int, an index of {self.labels}"
        if not scores:
            return None  # a model may have no confidence to give
        if len(scores) != len(self.labels):
            return f"one score for each of {len(self.labels)} labels"
        if not math.isclose(sum(scores), 1, abs_tol=1e-3):
            return f"scores that sum to 1, not to {sum(scores):g}"
        return None if scores[value] == max(scores) else "the label with the highest score"

    def expected_examples(self, train: Sequence[Example], scored: Sequence[Example]) -> str | None:
        """Return what is expected unless labels are distinct, and training shows each one that is scored."""
        if not len(set(self.labels)) == len(self.labels) >= 2:
            return f"two or more labels, all different, in place of {self.labels}"
        unseen = {example.target for example in scored} - {example.target for example in train}
        names = ", ".join(label for index, label in enumerate(self.labels) if index in unseen)
        return f"each label that is scored in train, which never shows {names}" if names else None

    def perfect(self, target: Any) -> Prediction:
        """Return the label, with certainty."""
        return Prediction(value=target, scores=tuple(float(index == target) for index in range(len(self.labels))))

    def uninformed(self) -> list[Prediction]:
        """Return each label in turn."""
        return [self.perfect(index) for index in range(len(self.labels))]

    def constant(self, targets: Sequence[Any]) -> Constant:
        """Return the most frequent label, of equally frequent ones the first; scores are all labels' frequencies."""
        counts = Counter(targets)
        frequencies = tuple(counts[index] / len(targets) for index in range(len(self.labels)))
        prediction = Prediction(value=frequencies.index(max(frequencies)), scores=frequencies)
        return Constant(parameters=frequencies, predict=lambda _: prediction)

    def grader(self, targets: Sequence[Any]) -> Callable[[Sequence[Any]], Credit]:
        """Return the function that gives 1 for the right label and 0 for another."""
        right = np.array(targets, dtype=np.float64)

        def grade(values: Sequence[Any]) -> Credit:
            given = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
            return np.where(np.isnan(given), np.nan, given == right)

        return grade

    def confidences(self, values: Sequence[Any], scores: Sequence[Sequence[float] | None]) -> NDArray[np.float64]:
        """Return the probability of each predicted label."""
        known = [
            s[v] if s and v is not None and 0 <= v < len(s) else np.nan for v, s in zip(values, scores, strict=True)
        ]
        return np.array(known, dtype=np.float64)

    def calibration(
        self, scores: Sequence[Sequence[float]], targets: Sequence[Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
        """Return the probabilities of the labels, and the true ones."""
        if not all(len(row) == len(self.labels) for row in scores):
            return None
        return np.array(scores), np.array(targets)

    def expected_prompt(self, prompt: Prompt) -> str | None:
        """Return what is expected unless each label has its answer."""
        fits = len(prompt.answers) == len(self.labels) and not prompt.grades
        return None if fits else f"one for each of {len(self.labels)} labels, without grades"

    def right_answer(self, target: Any, asked: int, prompt: Prompt) -> int:
        """Return the label's index."""
        return int(target)

    def answered(self, probabilities: NDArray[np.float64], prompt: Prompt) -> Prediction:
        """Return the label of the most probable answer, the first of several."""
        scores = tuple(probabilities[0].tolist())
        return Prediction(value=scores.index(max(scores)), scores=scores)

    def show(self, answer: Any) -> str:
        """Return the label."""
        return self.labels[answer] if 0 <= answer < len(self.labels) else str(answer)

    def slices(self, targets: Sequence[Any]) -> list[tuple[str, NDArray[np.bool_]]]:
        """Return the examples of each label."""
        true = np.array(targets, dtype=np.int64)
        return [(label, true == index) for index, label in enumerate(self.labels)]

    def pack(self, values: Sequence[Any], targets: Sequence[Any]) -> bytes | None:
        """Return (predicted - true) modulo the number of labels, in as many bits as that takes: 0 is right.

        With the targets at hand that gives the predicted labels back; without them it tells no label of a data set.
        """
        predicted, num_labels = np.array(values), len(self.labels)
        is_index = np.issubdtype(predicted.dtype, np.integer) and ((predicted >= 0) & (predicted < num_labels)).all()
        if not is_index:
            raise ValueError(f"a prediction is no label; expected indices from 0 to {num_labels - 1}.")
        bits = ((predicted - np.array(targets)) % num_labels)[:, None] >> np.arange(self._width) & 1  # (N, width)
        return np.packbits(bits.astype(np.uint8)).tobytes()

    def packed_sizes(self, count: int) -> set[int]:
        """Return the one size, in whole bytes."""
        return {(count * self._width + 7) // 8}

    def unpack(self, raw: bytes, targets: Sequence[Any]) -> list[Prediction]:
        """Return the predicted labels."""
        count, num_labels = len(targets), len(self.labels)
        bits = np.unpackbits(np.frombuffer(raw, np.uint8), count=count * self._width).reshape(count, self._width)
        offsets = bits.astype(np.intp) @ (1 << np.arange(self._width))
        if (offsets >= num_labels).any():
            raise ValueError(f"packed predictions beyond the {num_labels} labels; is the file edited?")
        return [Prediction(value=value) for value in ((np.array(targets, int) + offsets) % num_labels).tolist()]

    @property
    def _width(self) -> int:
        """Bits of an offset."""
        return max(1, (len(self.labels) - 1).bit_length())

    def _is_index(self, value: object) -> bool:
        return type(value) is int and 0 <= value < len(self.labels)
