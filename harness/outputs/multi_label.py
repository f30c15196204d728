"""Any number of some labels: targets and values are sets of indices, scores a probability for each label.

A label is predicted from a probability of one half.
"""

from collections.abc import Callable, Sequence
from textwrap import shorten
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.api.example import Example, Prediction
from harness.api.output import MultiLabel
from harness.api.prompt import Prompt
from harness.outputs.kind import Constant, Credit, Kind

THRESHOLD = 0.5


class MultiLabelKind(Kind[MultiLabel]):
    """See :class:`~harness.outputs.kind.Kind`; the page lists an example once for each of its labels."""

    hub_task: ClassVar = ("text-classification", "Multi-label text classification")
    credit_name: ClassVar = "F1 of the label sets, %"
    right_from: ClassVar = 1.0
    right_means: ClassVar = "it is exactly the right set of labels"

    @property
    def num_logits(self) -> int:
        """One a label."""
        return len(self.output.labels)

    @property
    def score_counts(self) -> frozenset[int]:
        """None, or one a label."""
        return frozenset({0, len(self.output.labels)})

    @property
    def value_means(self) -> str:
        """A set of indices."""
        return f"a frozenset of whole numbers from 0 to {len(self.output.labels) - 1}, the indices of labels"

    def is_value(self, value: Any) -> bool:
        """Return whether the value is a set of indices."""
        return self._is_set(value)

    def expected_target(self, example: Example) -> str | None:
        """Return what is expected unless the target is a set of indices."""
        if self._is_set(example.target):
            return None
        labels = self.output.labels
        return f"a frozenset of indices into {len(labels)} labels ({shorten(', '.join(labels), 80, placeholder=' …')})"

    def expected_prediction(self, prediction: Prediction, example: Example) -> str | None:
        """Return what is expected unless the value is the set of the labels whose score is one half or more."""
        if not self._is_set(prediction.value):
            return f"a frozenset of plain ints, indices of {self.output.labels}"
        if not prediction.scores:
            return None  # a model may have no confidence to give
        if len(prediction.scores) != len(self.output.labels):
            return f"one score for each of {len(self.output.labels)} labels"
        return None if prediction.value == _likely(prediction.scores) else "the labels with a score of 0.5 or more"

    def expected_examples(self, train: Sequence[Example], scored: Sequence[Example]) -> str | None:
        """Return what is expected unless labels are distinct, and training shows each one that is scored."""
        labels = self.output.labels
        if not len(set(labels)) == len(labels) >= 2:
            return f"two or more labels, all different, in place of {labels}"
        unseen = set[int]().union(*_sets(scored)) - set[int]().union(*_sets(train))
        names = ", ".join(label for index, label in enumerate(labels) if index in unseen)
        return f"each label that is scored in train, which never shows {names}" if names else None

    def perfect(self, target: Any) -> Prediction:
        """Return the set, with certainty."""
        return Prediction(
            value=target, scores=tuple(float(index in target) for index in range(len(self.output.labels)))
        )

    def uninformed(self) -> list[Prediction]:
        """Return no label, each one alone, and all."""
        indices = range(len(self.output.labels))
        return [self.perfect(frozenset(chosen)) for chosen in ((), *((index,) for index in indices), indices)]

    def constant(self, targets: Sequence[Any]) -> Constant:
        """Return the labels that half of the examples or more have; scores are all labels' frequencies."""
        frequencies = tuple(self._matrix(targets).mean(axis=0).tolist())
        prediction = Prediction(value=_likely(frequencies), scores=frequencies)
        return Constant(parameters=frequencies, predict=lambda _: prediction)

    def grader(self, targets: Sequence[Any]) -> Callable[[Sequence[Any]], Credit]:
        """Return the function that gives the F1 of two sets: 1 where both are empty."""
        right = self._matrix(targets)  # (N, labels)

        def grade(values: Sequence[Any]) -> Credit:
            given = self._matrix([value or () for value in values])
            total = given.sum(axis=1) + right.sum(axis=1)
            credit = np.where(total == 0, 1.0, 2 * (given & right).sum(axis=1) / np.maximum(total, 1))
            return np.where([value is None for value in values], np.nan, credit)

        return grade

    def confidences(self, values: Sequence[Any], scores: Sequence[Sequence[float] | None]) -> NDArray[np.float64]:
        """Return the probability of each set, as if labels were independent."""
        return np.array(
            [
                np.nan if not s or v is None else np.prod([p if index in v else 1 - p for index, p in enumerate(s)])
                for v, s in zip(values, scores, strict=True)
            ],
            dtype=np.float64,
        )

    def calibration(
        self, scores: Sequence[Sequence[float]], targets: Sequence[Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
        """Return for each example and label whether it has the label or not: two choices each."""
        if not all(len(row) == len(self.output.labels) for row in scores):
            return None
        has = np.array(scores).ravel()  # (N * labels,)
        return np.stack([1 - has, has], axis=1), self._matrix(targets).ravel().astype(np.int64)

    @property
    def asked(self) -> tuple[str, ...]:
        """Each label by itself."""
        return self.output.labels

    def expected_prompt(self, prompt: Prompt) -> str | None:
        """Return what is expected unless the answers are that an example has not a label, and that it has."""
        fits = len(prompt.answers) == 2 and not prompt.grades and "{label}" in prompt.template
        return None if fits else "two, for a label that the example has not and for one that it has, and {label} asked"

    def right_answer(self, target: Any, asked: int, prompt: Prompt) -> int:
        """Return whether the set holds the label."""
        return int(asked in target)

    def answered(self, probabilities: NDArray[np.float64], prompt: Prompt) -> Prediction:
        """Return the labels whose second answer is as probable as the first or more so."""
        scores = tuple(probabilities[:, 1].tolist())
        return Prediction(value=_likely(scores), scores=scores)

    def show(self, answer: Any) -> str:
        """Return the labels in the task's order."""
        names = self.output.labels
        return ", ".join(names[i] if i < len(names) else str(i) for i in sorted(answer)) or "(no label)"

    def plain(self, answer: Any) -> Any:
        """Return the labels as a text."""
        return None if answer is None else self.show(answer)

    def slices(self, targets: Sequence[Any]) -> list[tuple[str, NDArray[np.bool_]]]:
        """Return the examples of each label, and those of none."""
        has = self._matrix(targets)
        return [*zip(self.output.labels, has.T, strict=True), ("(no label)", ~has.any(axis=1))]

    def pack(self, values: Sequence[Any], targets: Sequence[Any]) -> bytes | None:
        """Return a bit for each example and label: whether the prediction errs on it."""
        if not all(self._is_set(value) for value in values):
            raise ValueError(f"a prediction is no set of labels; expected indices below {len(self.output.labels)}.")
        return np.packbits(self._matrix(values) ^ self._matrix(targets)).tobytes()

    def packed_sizes(self, count: int) -> set[int]:
        """Return the one size, in whole bytes."""
        return {(count * len(self.output.labels) + 7) // 8}

    def unpack(self, raw: bytes, targets: Sequence[Any]) -> list[Prediction]:
        """Return the predicted sets."""
        true = self._matrix(targets)
        errs = np.unpackbits(np.frombuffer(raw, np.uint8), count=true.size).reshape(true.shape).astype(bool)
        return [Prediction(value=frozenset(np.flatnonzero(row).tolist())) for row in true ^ errs]

    def _matrix(self, sets: Sequence[Any]) -> NDArray[np.bool_]:
        """Return which labels each set holds, (N, labels)."""
        matrix = np.zeros((len(sets), len(self.output.labels)), dtype=bool)
        for row, members in zip(matrix, sets, strict=True):
            row[list(members)] = True
        return matrix

    def _is_set(self, value: object) -> bool:
        indices = range(len(self.output.labels))
        return isinstance(value, frozenset) and all(type(member) is int and member in indices for member in value)


def _likely(scores: Sequence[float]) -> frozenset[int]:
    return frozenset(index for index, score in enumerate(scores) if score >= THRESHOLD)


def _sets(examples: Sequence[Example]) -> list[Any]:
    return [example.target for example in examples]
