"""A span of the passage, as SQuAD asks for it: targets are the accepted spans, a value is a text.

``""`` is "no answer", and the one score its probability. Agreement is SQuAD's F1 over the words of normalised texts.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.api.example import Example, Prediction, Span
from harness.api.output import Extraction
from harness.outputs import agreement
from harness.outputs.kind import Constant, Credit, Kind

FIRST_WORDS = re.compile(r"\S+(\s+\S+){0,2}")  # three: SQuAD's answers are about that long


class ExtractionKind(Kind[Extraction]):
    """See :class:`~harness.outputs.kind.Kind`."""

    logits: ClassVar = "span"
    reads: ClassVar = frozenset({"max_length", "doc_stride", "max_answer_length"})
    hub_task: ClassVar = ("question-answering", "Question answering")
    credit_name: ClassVar = "F1, %"
    right_means: ClassVar = "its F1 is one half or more"
    confidence_of: ClassVar = "no answer "

    @property
    def num_logits(self) -> int:
        """The start and the end."""
        return 2

    @property
    def may_be_unanswerable(self) -> bool:
        """Whether the task has questions without an answer."""
        return self.output.unanswerable

    @property
    def score_counts(self) -> frozenset[int]:
        """None, or the probability of no answer."""
        return frozenset({0, 1})

    @property
    def value_means(self) -> str:
        """A text."""
        return "a text"

    def is_value(self, value: Any) -> bool:
        """Return whether the value is a text; that it is not in the passage makes it wrong, not invalid."""
        return isinstance(value, str)

    def expected_target(self, example: Example) -> str | None:
        """Return what is expected unless the target is a tuple of spans; only their texts are scored."""
        target: Any = example.target
        if type(target) is not tuple or not all(map(_is_span, target)):
            return "a tuple of spans"
        if not target and not self.output.unanswerable:
            return "at least one span, as unanswerable is False"
        return None

    def expected_training_target(self, example: Example) -> str | None:
        """Return what is expected unless the target is a tuple of spans that the passage holds."""
        if expected := self.expected_target(example):
            return expected
        spans: Any = example.target
        for span in spans:
            held = (example.pair or "")[span.start : span.start + len(span.text)]
            if held != span.text:
                return f"it in the passage, which has {held[:80]!r} at {span.start}"
        return None

    def expected_prediction(self, prediction: Prediction, example: Example) -> str | None:
        """Return what is expected unless the value is a piece of the passage, or perhaps empty."""
        value = prediction.value
        if type(value) is not str or value not in (example.pair or ""):
            return "a piece of the passage"
        if not value and not self.output.unanswerable:
            return "some text, as unanswerable is False"
        return None if len(prediction.scores) <= 1 else "no score but the probability of no answer"

    def perfect(self, target: Any) -> Prediction:
        """Return the first accepted text, or no answer."""
        return Prediction(value=target[0].text if target else "", scores=(0.0 if target else 1.0,))

    def uninformed(self) -> list[Prediction]:
        """Return no answer."""
        return [Prediction(value="", scores=(1.0,))]

    def constant(self, targets: Sequence[Any]) -> Constant:
        """Return no answer, or where each question has one the passage's first words."""
        parameters = (targets.count(()) / len(targets),)  # of questions without an answer

        def predict(example: Example) -> Prediction:
            found = None if self.output.unanswerable else FIRST_WORDS.search(example.pair or "")
            return Prediction(value=found.group() if found else "", scores=parameters)

        return Constant(parameters=parameters, predict=predict)

    def grader(self, targets: Sequence[Any]) -> Callable[[Sequence[Any]], Credit]:
        """Return the function that gives the F1 with the nearest accepted text."""
        normalise, agree = agreement.version_1_accepted, agreement.version_1_agreement
        if self.output.unanswerable:
            normalise, agree = agreement.version_2_accepted, agreement.version_2_agreement
        accepted = [normalise(span.text for span in target) for target in targets]

        def grade(values: Sequence[Any]) -> Credit:
            pairs = zip(values, accepted, strict=True)
            return np.array([np.nan if v is None else agree(v, texts)[1] for v, texts in pairs], dtype=np.float64)

        return grade

    def confidences(self, values: Sequence[Any], scores: Sequence[Sequence[float] | None]) -> NDArray[np.float64]:
        """Return the probability that there is no answer."""
        return np.array([score[0] if score else np.nan for score in scores], dtype=np.float64)

    def show(self, answer: Any) -> str:
        """Return the text, or the accepted ones."""
        if not isinstance(answer, str):
            answer = " / ".join(dict.fromkeys(span.text for span in answer))
        return answer or "(no answer)"

    def plain(self, answer: Any) -> Any:
        """Return a text, or accepted spans as pairs of text and start."""
        return [[span.text, span.start] for span in answer] if isinstance(answer, tuple) else answer

    def spans(self, target: Any) -> Sequence[Span]:
        """Return the accepted spans."""
        accepted: Sequence[Span] = target
        return accepted

    def slices(self, targets: Sequence[Any]) -> list[tuple[str, NDArray[np.bool_]]]:
        """Return the questions with an answer and those without, where there are any."""
        answerable = np.array([bool(target) for target in targets], dtype=bool)
        return [] if answerable.all() else [("there is one", answerable), ("there is none", ~answerable)]


def _is_span(value: object) -> bool:
    return isinstance(value, Span) and isinstance(value.text, str) and isinstance(value.start, int) and value.start >= 0
