"""The floor: one prediction for every example. A model that does not beat it has learnt nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.api.example import Example, Prediction
from harness.api.model import FitSession, History, Model, ModelSpec
from harness.api.output import Output
from harness.api.task import Task
from harness.outputs import WITH_CONSTANT, kind_of
from harness.outputs.kind import Constant


@dataclass(frozen=True, kw_only=True)
class MajoritySpec(ModelSpec):
    """The most frequent label, the mean number; for extraction "no answer", or else the passage's first words."""

    outputs = WITH_CONSTANT

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return the model; nothing in it is random, and it needs no device."""
        return Majority(task.output)


class Majority:
    """Learns how often each answer occurs."""

    def __init__(self, output: Output) -> None:
        self._kind = kind_of(output)
        self._constant: Constant | None = None

    @property
    def num_parameters(self) -> int:
        """One a label, say; see the kind of answer."""
        return len(self._constant.parameters) if self._constant else 0

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Count the targets."""
        self._constant = self._kind.constant([example.target for example in train])
        return History()

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Give each example the one prediction."""
        assert self._constant is not None, "fit before predict"
        return [self._constant.predict(example) for example in examples]


MAJORITY = MajoritySpec(name="majority", title="the most frequent class, or the mean")
