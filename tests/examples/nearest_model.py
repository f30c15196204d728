"""A model of one's own: the answer of the training example whose text has most pieces in common with the question."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness import Classification, Example, FitSession, History, Model, ModelSpec, Prediction, Task


@dataclass(frozen=True, kw_only=True)
class NearestSpec(ModelSpec):
    outputs = (Classification,)  # the kinds of answer that it gives

    length: int = 3  # of a piece, in characters; each field is part of what a result is filed under

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        return Nearest(self.length)


@dataclass
class Nearest:
    length: int
    num_parameters: int = 0

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        self.known = [(self.pieces(example), example.target) for example in train if isinstance(example.target, int)]
        return History()

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        return [Prediction(value=self.nearest(self.pieces(example))) for example in examples]

    def nearest(self, pieces: set[str]) -> int:
        return max(self.known, key=lambda known: len(known[0] & pieces) / len(known[0] | pieces))[1]

    def pieces(self, example: Example) -> set[str]:
        text = f" {example.text} {example.pair or ''} ".lower()
        return {text[start : start + self.length] for start in range(len(text) - self.length + 1)}


NEAREST = NearestSpec(name="nearest")
