"""What a kind of answer has to say of itself: :class:`Kind`, the base of one class a module of this room."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from harness.api.example import Example, Prediction, Span
from harness.api.output import Output
from harness.api.prompt import Prompt

O_co = TypeVar("O_co", bound=Output, covariant=True)
Credit = NDArray[np.float64]
"""How right each prediction is, 0 to 1; NaN where there is none."""
Logits = Literal["sequence", "span"]
"""What a network computes: numbers a sequence, or for each token how well a span starts and ends there."""


@dataclass(frozen=True, kw_only=True)
class Constant:
    """A predictor that looks at no example but to copy from it; ``parameters`` are the numbers that it has learnt."""

    parameters: tuple[float, ...]
    predict: Callable[[Example], Prediction]


@dataclass(frozen=True, kw_only=True)
class Likelihood:
    """The log-probability of a text in nats, and the number of tokens that it is the sum over."""

    log_probability: float
    num_tokens: int


@dataclass(frozen=True)
class Kind(ABC, Generic[O_co]):
    """All that depends on the kind of answer and needs no torch, for the output of one task.

    Values and targets are those of :class:`~harness.api.example.Prediction` and ``Example``; a value is ``None`` where
    a model has given no prediction.
    """

    output: O_co

    logits: ClassVar[Logits] = "sequence"
    reads: ClassVar[frozenset[str]] = frozenset({"max_length"})
    """The settings of encoding and decoding that predictions depend on; a trial's identity holds no others."""
    hub_task: ClassVar[tuple[str, str]]
    """The Hugging Face hub's name for such tasks, and what a model card calls them."""
    credit_name: ClassVar[str]
    """What the mean credit of some predictions is, in percent."""
    right_from: ClassVar[float] = 0.5
    """A prediction with less credit counts as wrong."""
    right_means: ClassVar[str]
    """What that means, in words."""
    needs_training: ClassVar[bool] = True
    """Whether a task needs a training split, from which models learn by their recipe."""
    scores_within: ClassVar[tuple[float, float]] = (0.0, 1.0)
    """Between which numbers each score lies."""
    scores_mean: ClassVar[str] = "probabilities, from 0 to 1"
    """What scores are, in words."""
    confidence_of: ClassVar[str] = ""
    """What :meth:`confidences` are the probabilities of, where that is not the predicted value."""

    @property
    def num_logits(self) -> int:
        """The last dimension of a network's logits; 0 of a kind that no network gives by a head."""
        return 0

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, where the answer is one of them."""
        return ()

    @property
    def near(self) -> float | None:
        """How far two numbers may be apart and still count as one answer; ``None`` where the answer is no number."""
        return None

    @property
    def score_counts(self) -> frozenset[int]:
        """How many scores a prediction may have: none, or a probability for each label."""
        return frozenset({0, len(self.labels)})

    @property
    def scores_sum_to_one(self) -> bool:
        """Whether the scores are probabilities of which exactly one holds."""
        return False

    @property
    def spread(self) -> float:
        """How far two values, or two scores, can be apart."""
        return 1.0

    @property
    def may_be_unanswerable(self) -> bool:
        """Whether an empty text is an answer: that there is none."""
        return False

    # --- Targets and predictions, and how they are checked.

    @abstractmethod
    def expected_target(self, example: Example) -> str | None:
        """Return what is expected of an example's target; ``None`` where it is that."""

    def expected_training_target(self, example: Example) -> str | None:
        """Return what is expected of a target to learn from; ``None`` where it is that."""
        return self.expected_target(example)

    @abstractmethod
    def is_value(self, value: Any) -> bool:
        """Return whether a model can have predicted this; a number may be infinite or none at all."""

    @property
    @abstractmethod
    def value_means(self) -> str:
        """What such a value is, in words."""

    @abstractmethod
    def expected_prediction(self, prediction: Prediction, example: Example) -> str | None:
        """Return what is expected of a prediction on an example; ``None`` where it is that."""

    def expected_examples(self, train: Sequence[Example], scored: Sequence[Example]) -> str | None:
        """Return what is expected of a task's output and examples as a whole; ``None`` where they are that."""
        return None

    @abstractmethod
    def perfect(self, target: Any) -> Prediction:
        """Return the prediction of a model that knows the target."""

    @abstractmethod
    def uninformed(self) -> list[Prediction]:
        """Return predictions of models that know nothing, each always the same."""

    def constant(self, targets: Sequence[Any]) -> Constant:
        """Return the constant predictor that fits the targets best, of a kind that has one."""
        raise NotImplementedError

    def largest_fraction(self, values: Sequence[Any]) -> float:
        """Return the fraction of some values, or some targets, at least one, that are one and the same."""
        return Counter(values).most_common(1)[0][1] / len(values)

    # --- Credit: how right each prediction is, and how sure.

    @abstractmethod
    def grader(self, targets: Sequence[Any]) -> Callable[[Sequence[Any]], Credit]:
        """Return a function from values, (N,), to their credit, (N,)."""

    def confidences(self, values: Sequence[Any], scores: Sequence[Sequence[float] | None]) -> NDArray[np.float64]:
        """Return the probability of each value, (N,), or of what ``confidence_of`` says; NaN where it is not known."""
        return np.full(len(values), np.nan)

    def calibration(
        self, scores: Sequence[Sequence[float]], targets: Sequence[Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
        """Return probabilities, (M, C), of C choices and the true ones, (M,); ``None`` where there are none."""
        return None

    def texts(self, example: Example) -> tuple[str, ...]:
        """Return the texts whose probabilities a prediction follows from, of a kind that rests on those."""
        raise NotImplementedError

    def judged(self, likelihoods: Sequence[Likelihood]) -> Prediction:
        """Return the prediction that follows from how probable these texts are."""
        raise NotImplementedError

    # --- Asked in words, of a kind that can be.

    @property
    def asked(self) -> tuple[str, ...]:
        """The labels that are asked for one at a time; one empty text where a prompt asks for all at once."""
        return ("",)

    def expected_prompt(self, prompt: Prompt) -> str | None:
        """Return what is expected of a prompt's answers; ``None`` where they are that."""
        raise NotImplementedError

    def right_answer(self, target: Any, asked: int, prompt: Prompt) -> int:
        """Return the index of the answer that is right where ``self.asked[asked]`` is asked for."""
        raise NotImplementedError

    def answered(self, probabilities: NDArray[np.float64], prompt: Prompt) -> Prediction:
        """Return the prediction that follows from how probable each answer is, (asked, answers), each row a whole."""
        raise NotImplementedError

    def timed(self, example: Example) -> Example:
        """Return what of an example a model's speed is measured on: all of it, unless that is a whole document."""
        return example

    # --- How it reads on a page.

    @abstractmethod
    def show(self, answer: Any) -> str:
        """Return a value or a target as a person reads it."""

    def plain(self, answer: Any) -> Any:
        """Return a value or a target as JSON; one of ``labels`` as its index."""
        return answer

    def spans(self, target: Any) -> Sequence[Span]:
        """Return the pieces of the second text that a target marks."""
        return ()

    def slices(self, targets: Sequence[Any]) -> list[tuple[str, NDArray[np.bool_]]]:
        """Return groups of examples by their targets: a name, and the members as (N,)."""
        return []

    # --- In a reference file.

    def pack(self, values: Sequence[Any], targets: Sequence[Any]) -> bytes | None:
        """Return how right each value was, in few bytes from which it follows where its target is known.

        ``None`` where that takes too many: then a reference file keeps metric values, each a mean over examples.

        Raises:
            ValueError: a value that is not of this kind.
        """
        return None

    def packed_sizes(self, count: int) -> set[int]:
        """Return how many bytes so many packed values can take."""
        return set()

    def unpack(self, raw: bytes, targets: Sequence[Any]) -> list[Prediction]:
        """Return the predictions that were packed beside these targets.

        Raises:
            ValueError: they are not such bytes.
        """
        raise NotImplementedError
