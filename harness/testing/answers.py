"""Answers to compare a model's with: the right ones, constant ones, and like ones."""

import math
from typing import Any

from harness.api.example import Example, Prediction
from harness.api.output import Classification, Extraction, Output, Regression


def right_answer(output: Output, example: Example) -> Prediction:
    """Return the answer that a model which knows the target gives."""
    target: Any = example.target
    match output:
        case Classification(labels=labels):
            return Prediction(value=target, scores=tuple(float(index == target) for index in range(len(labels))))
        case Regression():
            return Prediction(value=float(target))
        case Extraction():
            return Prediction(value=target[0].text if target else "", scores=(0.0 if target else 1.0,))


def constant_answers(output: Output) -> list[Prediction]:
    """Return the answers of models that know nothing, each always the same."""
    match output:
        case Classification(labels=labels):
            return [right_answer(output, Example(id="", text="", target=index)) for index in range(len(labels))]
        case Regression(low=low, high=high):
            return [Prediction(value=(low + high) / 2)]
        case Extraction():
            return [Prediction(value="", scores=(1.0,))]


def answer_range(output: Output) -> float:
    """Return how far two values of an answer, or two of its scores, can be apart."""
    return output.high - output.low if isinstance(output, Regression) else 1.0


def are_close(one: Prediction, other: Prediction, room: float) -> bool:
    """Return whether two answers are the same, but for so much in their numbers."""
    pairs = [*zip(one.scores, other.scores, strict=False)]
    if isinstance(one.value, float) and isinstance(other.value, float):
        pairs.append((one.value, other.value))
    elif one.value != other.value:
        return False
    return len(one.scores) == len(other.scores) and all(math.isclose(a, b, abs_tol=room) for a, b in pairs)
