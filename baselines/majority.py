"""The floor: one answer for every question, whatever it asks. A model that does not beat it has learnt nothing."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.api.example import Example, Prediction
from harness.api.model import FitSession, History, Model, ModelSpec
from harness.api.output import Classification, Extraction, Output, Regression
from harness.api.task import Task

FIRST_WORDS = re.compile(r"\S+(\s+\S+){0,2}")  # three: SQuAD's answers are about that long


@dataclass(frozen=True, kw_only=True)
class MajoritySpec(ModelSpec):
    """The most frequent label, the mean number; for extraction "no answer", or else the passage's first words."""

    def supports(self, output: Output) -> bool:
        """Return ``True``: it answers every kind of question."""
        return True

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the model; nothing in it is random, and it needs no device."""
        return Majority(task.output)


class Majority:
    """Learns how often each answer occurs."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._learnt: tuple[float, ...] = ()

    @property
    def num_parameters(self) -> int:
        """A share for each label, or the mean, or the share of questions without an answer."""
        return len(self._learnt)

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Count the answers."""
        targets = [example.target for example in train]
        match self._output:
            case Classification(labels=labels):
                counts = Counter(targets)
                self._learnt = tuple(counts[index] / len(targets) for index in range(len(labels)))
            case Regression():
                self._learnt = (fmean(target for target in targets if isinstance(target, int | float)),)
            case Extraction():
                self._learnt = (targets.count(()) / len(targets),)
        return History()

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Give each example the one answer; of labels equally frequent, the first."""
        match self._output:
            case Classification():
                value = self._learnt.index(max(self._learnt))
                return [Prediction(value=value, scores=self._learnt) for _ in examples]
            case Regression():
                return [Prediction(value=self._learnt[0]) for _ in examples]
            case Extraction(unanswerable=True):
                return [Prediction(value="", scores=self._learnt) for _ in examples]
            case Extraction():
                return [Prediction(value=_first_words(example.pair or ""), scores=self._learnt) for example in examples]


def _first_words(passage: str) -> str:
    found = FIRST_WORDS.search(passage)
    return found.group() if found else ""


MAJORITY = MajoritySpec(name="majority", title="the most frequent answer")
