"""Three toy tasks about the word ``red``, and a model that counts words: all of them as they should be."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.api.data import SampleData
from harness.api.example import Example, Prediction, Span
from harness.api.metric import Metric
from harness.api.model import FitSession, History, ModelSpec
from harness.api.output import Classification, Extraction, Output, Regression
from harness.api.task import Row, Task
from harness.metrics.glue import ACCURACY, PEARSON

WORDS = ("red", "green", "blue", "black")


def rows(split: str, seed: int) -> list[dict[str, Any]]:
    """Texts with some words; the label says whether there is a ``red``."""
    draw = random.Random(f"{split} {seed}")
    texts = [" ".join(draw.choices(WORDS, k=4)) for _ in range(40)]
    return [{"text": text, "label": int("red" in text)} for text in texts]


def read(row: Row) -> Example:
    return Example(id=str(row["idx"]), text=row["text"], target=row["label"])


def exact(predictions: Sequence[Prediction], examples: Sequence[Example]) -> dict[str, float]:
    right = [p.value in [s.text for s in e.target or ()] for p, e in zip(predictions, examples, strict=True)]
    return {"exact": 100.0 * sum(right) / len(right)}


def read_number(row: Row) -> Example:
    return Example(id=str(row["idx"]), text=row["text"], target=float(row["text"].count("red")))


def read_span(row: Row) -> Example:
    word, place = row["text"].split()[1], row["text"].index(" ") + 1
    return Example(id=str(row["idx"]), text="second word?", pair=row["text"], target=(Span(word, place),))


RED = Task(
    name="red",
    title="Red",
    output=Classification(labels=("no", "yes")),
    read=read,
    metrics=(ACCURACY,),
    sample=SampleData(splits=("train", "validation"), generate=rows, version=1),
)
REDNESS = replace(RED, name="redness", output=Regression(low=0, high=4), read=read_number, metrics=(PEARSON,))
SECOND = replace(
    RED,
    name="second",
    output=Extraction(unanswerable=False),
    read=read_span,
    metrics=(Metric(names=("exact",), compute=exact),),
)
TASKS = [RED, REDNESS, SECOND]


class Counter:
    """Learns in steps, one pass over the examples each, which words go with which target; keeps checkpoints."""

    def __init__(self, output: Output, passes: int) -> None:
        self.output, self.passes = output, passes
        self.weights = dict.fromkeys(WORDS, 0.0)

    @property
    def num_parameters(self) -> int:
        return len(self.weights)

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        step = 0
        if session.checkpoint and session.checkpoint.exists():
            step, self.weights = json.loads(session.checkpoint.read_text())
        while step < self.passes:
            self.learn(train, step)
            step += 1
            session.on_step(step, self.passes)
            if session.checkpoint and (session.checkpoint_seconds == 0 or step == self.passes):
                session.checkpoint.write_text(json.dumps([step, self.weights]))
        return History()

    def learn(self, train: Sequence[Example], step: int) -> None:
        for example in train:
            for word in example.text.split():
                if word in self.weights and not isinstance(example.target, tuple):
                    self.weights[word] += (float(example.target or 0) - 0.5) / (step + 1) / len(train)

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        return [self.answer(example) for example in examples]

    def answer(self, example: Example) -> Prediction:
        total = sum(self.weights.get(word, 0.0) for word in example.text.split())
        match self.output:
            case Classification():
                yes = min(max(0.5 + total, 0.0), 1.0)
                return Prediction(value=int(yes > 0.5), scores=(1 - yes, yes))
            case Regression():
                return Prediction(value=total)
            case Extraction():
                return Prediction(value=(example.pair or "").split()[1], scores=(0.0,))


@dataclass(frozen=True, kw_only=True)
class CounterSpec(ModelSpec):
    passes: int = 3
    live: type[Counter] = Counter

    def supports(self, output: Output) -> bool:
        return True

    def build(self, task: Task, *, seed: int, device: str) -> Counter:
        return self.live(task.output, self.passes)

    def identity(self) -> Mapping[str, Any]:
        return {"name": self.name, "passes": self.passes, "live": self.live.__name__}
