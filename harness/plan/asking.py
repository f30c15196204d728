"""What a model's spec is asked, each answer checked: a plugin's mistake is one line before anything is trained."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

from harness.api.asking import ReadsPrompts
from harness.api.model import ModelSpec
from harness.api.output import Output
from harness.api.recipe import Recipe
from harness.api.task import Task
from harness.errors import UsageError
from harness.outputs import kind_of
from harness.system.accounts import account_of
from harness.system.foreign import file_of, foreign


def check_identity(spec: ModelSpec) -> None:
    """See to it that a spec has an identity, in plain values of JSON, and modules to import.

    Raises:
        UsageError: it has not.
    """
    with _asking(spec, "identity"):
        identity: object = spec.identity()
    if not isinstance(identity, Mapping):
        raise _other(spec, "identity()", "a mapping", identity)
    try:
        json.dumps(dict(identity), allow_nan=False)
    except Exception as error:
        raise UsageError(f"{_named(spec)}: its identity is no plain JSON: {account_of(error)}.") from error
    if not isinstance(spec.preload, tuple) or not all(isinstance(name, str) for name in spec.preload):
        raise _other(spec, "preload", "a tuple of names of modules", spec.preload)


def supports(spec: ModelSpec, output: Output) -> bool:
    """Return whether a model can give such predictions.

    Raises:
        UsageError: it does not say.
    """
    with _asking(spec, "supports"):
        answer: object = spec.supports(output)
    if not isinstance(answer, bool):
        raise _other(spec, "supports()", "True or False", answer)
    return answer


def is_trained(spec: ModelSpec, task: Task) -> bool:
    """Return whether a model learns from a task's training split by its recipe: one that is asked in words does not."""
    return kind_of(task.output).needs_training and not isinstance(spec, ReadsPrompts)


def recipe_for(spec: ModelSpec, task: Task) -> Recipe:
    """Return how a model is trained on a task.

    Raises:
        UsageError: it does not say.
    """
    with _asking(spec, "recipe_for"):
        recipe: object = spec.recipe_for(task)
    if not isinstance(recipe, Recipe):
        raise _other(spec, "recipe_for()", "a Recipe", recipe)
    return recipe


def operations_per_word(spec: ModelSpec) -> float:
    """Return roughly how many operations learning from a word takes.

    Raises:
        UsageError: it does not say.
    """
    with _asking(spec, "operations_per_word"):
        number: object = spec.operations_per_word()
    if isinstance(number, bool) or not isinstance(number, int | float) or not (isfinite(number) and number >= 0):
        raise _other(spec, "operations_per_word()", "a number from 0", number)
    return float(number)


def _asking(spec: ModelSpec, what: str) -> Any:
    return foreign(f"model {spec.name!r}: {what}")


def _other(spec: ModelSpec, what: str, expected: str, found: object) -> UsageError:
    return UsageError(f"{_named(spec)}: {what} is {type(found).__name__}; expected {expected}.")


def _named(spec: ModelSpec) -> str:
    return f"model {spec.name!r} ({file_of(spec) or 'a plugin'})"
