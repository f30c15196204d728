"""What a spec says of itself is checked before anything is trained."""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from harness import ModelSpec, Output, Recipe
from harness.errors import DataError, UsageError
from harness.plan.asking import check_identity, operations_per_word, recipe_for, supports
from tests.fakes.toy import TOY


@dataclass(frozen=True, kw_only=True)
class OddSpec(ModelSpec):
    answer: Callable[[], Any]

    def supports(self, output: Output) -> bool:
        return self.answer()  # type: ignore[no-any-return]

    def recipe_for(self, task: object) -> Recipe:
        return self.answer()  # type: ignore[no-any-return]

    def identity(self) -> dict[str, Any]:
        return self.answer()  # type: ignore[no-any-return]

    def operations_per_word(self) -> float:
        return self.answer()  # type: ignore[no-any-return]


def ask(question: str, answer: Callable[[], Any]) -> object:
    spec = OddSpec(name="odd", answer=answer)
    match question:
        case "supports":
            return supports(spec, TOY.output)
        case "recipe_for":
            return recipe_for(spec, TOY)
        case "identity":
            return check_identity(spec)
    return operations_per_word(spec)


WRONG = [
    ("supports", "yes", "supports() is str; expected True or False."),
    ("recipe_for", None, "recipe_for() is NoneType; expected a Recipe."),
    ("identity", ["a"], "identity() is list; expected a mapping."),
    ("identity", {"a": {1, 2}}, "TypeError: Object of type set is not JSON serializable."),
    ("identity", {"a": math.nan}, "ValueError: Out of range float values are not JSON compliant"),
    ("operations_per_word", "many", "operations_per_word() is str; expected a number from 0."),
    ("operations_per_word", math.nan, "operations_per_word() is float; expected a number from 0."),
]


@pytest.mark.parametrize(("question", "answer", "complaint"), WRONG)
def test_a_wrong_answer_is_said(question: str, answer: object, complaint: str) -> None:
    with pytest.raises(UsageError, match="model 'odd'") as error:
        ask(question, lambda: answer)
    assert complaint in str(error.value)
    assert __file__ in str(error.value)


@pytest.mark.parametrize("question", ["supports", "recipe_for", "identity", "operations_per_word"])
def test_whatever_is_raised_names_the_line(question: str) -> None:
    with pytest.raises(UsageError) as error:
        ask(question, lambda: sys.exit("no"))
    assert f"model 'odd': {question}" in str(error.value)
    assert f"({__file__}:" in str(error.value)
    assert str(error.value).endswith("SystemExit: no.")


def test_a_mistake_that_is_a_line_stays_it() -> None:
    def say() -> None:
        raise DataError("this is missing")

    with pytest.raises(DataError, match=r"^this is missing$"):
        ask("identity", say)


@pytest.mark.parametrize(
    ("question", "answer"),
    [("supports", True), ("recipe_for", Recipe()), ("identity", {"a": [1]}), ("operations_per_word", 3)],
)
def test_a_right_answer_is_given(question: str, answer: object) -> None:
    assert ask(question, lambda: answer) == (None if question == "identity" else answer)
