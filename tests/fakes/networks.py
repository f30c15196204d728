"""Tiny tasks whose rule a model can learn in seconds, and what it takes to learn one."""

import random
from collections.abc import Sequence

from harness.api.example import Example, Prediction, Span
from harness.api.model import FitSession, ModelSpec
from harness.api.output import Classification, Extraction, Output, Regression
from harness.api.task import Row, Task

WORDS = ("red", "green", "blue", "small", "large", "round", "heavy", "light")


def toy_task(name: str, output: Output) -> Task:
    def read(row: Row) -> Example:
        raise NotImplementedError("toy examples are made, not read")

    return Task(name=name, title=name, output=output, read=read, metrics=())


LABELS = toy_task("toy-labels", Classification(labels=("red first", "green first")))
PAIRS = toy_task("toy-pairs", Classification(labels=("differ", "share")))
NUMBERS = toy_task("toy-numbers", Regression(low=0.0, high=5.0))
SPANS = toy_task("toy-spans", Extraction(unanswerable=True))


def word_order(count: int, seed: int = 0) -> list[Example]:
    """Return examples whose label is the order of two words: a bag of single words cannot tell."""
    random_ = random.Random(seed)
    examples = []
    for index in range(count):
        words, target = random_.choices(WORDS[3:], k=random_.randint(1, 4)), random_.randrange(2)
        at = random_.randint(0, len(words))
        words[at:at] = ["green", "red"] if target else ["red", "green"]
        examples.append(Example(id=str(index), text=" ".join(words), target=target))
    return examples


def same_word(count: int, seed: int = 0) -> list[Example]:
    """Return pairs whose label is whether the colours are the same."""
    random_ = random.Random(seed)
    examples = []
    for index in range(count):
        one, target = random_.randrange(3), random_.randrange(2)
        other = one if target else (one + random_.randint(1, 2)) % 3
        pair = f"{random_.choice(WORDS[3:])} {WORDS[other]}"
        examples.append(Example(id=str(index), text=f"a {WORDS[one]} thing", pair=pair, target=target))
    return examples


def how_many(count: int, seed: int = 0) -> list[Example]:
    """Return examples whose number is how often "red" stands in the text."""
    random_ = random.Random(seed)
    examples = []
    for index in range(count):
        words = random_.choices(("red", "small", "large"), k=4)
        examples.append(Example(id=str(index), text=" ".join(words), target=float(words.count("red"))))
    return examples


def word_after(count: int, seed: int = 0) -> list[Example]:
    """Return questions for the word after "red"; a third of the passages have no "red"."""
    random_ = random.Random(seed)
    examples = []
    for index in range(count):
        words, answer = random_.choices(WORDS[3:], k=5), random_.choice(WORDS[3:])
        target: tuple[Span, ...] = ()
        if index % 3:
            at = random_.randint(0, 4)
            words[at:at] = ["red", answer]
            target = (Span(answer, len(" ".join(words[: at + 1])) + 1),)
        examples.append(Example(id=str(index), text="what is red?", pair=" ".join(words), target=target))
    return examples


def learn(spec: ModelSpec, task: Task, train: Sequence[Example], *, seed: int = 0) -> list[Prediction]:
    """Fit a model on ``train`` and return what it then answers to it."""
    model = spec.build(task, seed=seed, device="cpu")
    model.fit(train, FitSession())
    return model.predict(train)


def share_right(predictions: Sequence[Prediction], examples: Sequence[Example]) -> float:
    right = 0
    for prediction, example in zip(predictions, examples, strict=True):
        target = example.target
        if isinstance(target, tuple):
            target = target[0].text if target else ""
        right += prediction.value == target
    return right / len(examples)
