"""Conformance checks for models: predictions as a benchmark needs them, again and again the same."""

import json
import math
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.api.attribution import find_fault
from harness.api.example import Example, Prediction
from harness.api.limits import Limits
from harness.api.model import Explains, FitSession, History, Model, ModelSpec
from harness.api.task import Task
from harness.data.source import Source
from harness.outputs import Kind, kind_of
from harness.testing.conformance import ConformanceError, load_examples, own_source, require

TOLERANCE = 1e-3
"""How far scores, and numbers as a fraction of their range, may differ with the batch that an example is in."""


def check_model(
    spec: ModelSpec,
    task: Task,
    source: Source | None = None,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    device: str = "cpu",
    tolerance: float = TOLERANCE,
) -> None:
    """Check that ``spec`` learns and predicts ``task`` as a benchmark needs it.

    It is fitted up to five times, by default on 32 examples, and predicts 8; in float32, as rounding is no mistake.

    Raises:
        ConformanceError: the first thing that is wrong, and what is expected.
    """
    where, kind = f"model {spec.name!r} on task {task.name!r}", kind_of(task.output)
    require(spec.supports(task.output), f"{where}: does not support {type(task.output).__name__}; nothing to check.")
    _check_identity(spec)
    data = load_examples(task, source or own_source(task), limits or Limits(train=32, evaluation=8))
    examples = next(iter(data.scored.values()))
    exact = replace(spec, recipe=spec.recipe and spec.recipe.having(precision="float32"))

    def fitted(session: FitSession) -> Model:
        model = exact.build(task, seed=seed, device=device)
        history = model.fit(data.train, session)
        require(isinstance(history, History), f"{where}: fit returns {history!r}; expected a History.")
        return model

    model = fitted(FitSession())
    count, predictions = model.num_parameters, model.predict(examples)
    require(type(count) is int and count >= 0, f"{where}: num_parameters is {count!r}; expected a whole number.")
    _check_predictions(kind, examples, predictions, where)
    _check_independence(model, examples, predictions, where, tolerance * kind.spread)
    _check_explanations(model, examples, predictions, where)
    again = fitted(FitSession()).predict(examples)
    require(again == predictions, f"{where}: seed {seed} gives other predictions the second time; expected the same.")
    _check_resuming(fitted, lambda model: model.predict(examples) == predictions, where)


class _InterruptionError(Exception):
    """Stands for the power cut in the middle of training."""


def _check_identity(spec: ModelSpec) -> None:
    where = f"model {spec.name!r}"
    try:
        one, other = (json.dumps(dict(s.identity()), sort_keys=True, allow_nan=False) for s in (spec, replace(spec)))
    except (TypeError, ValueError) as error:
        raise ConformanceError(f"{where}: its identity is no JSON ({error}); expected plain values only.") from error
    require(one == other, f"{where}: two equal specs have the identities {one} and {other}; expected one.")


def _check_predictions(
    kind: Kind[Any], examples: Sequence[Example], predictions: Sequence[Prediction], where: str
) -> None:
    require(
        isinstance(predictions, list) and len(predictions) == len(examples),
        f"{where}: {len(predictions)} predictions on {len(examples)} examples; expected a list of as many.",
    )
    low, high = kind.scores_within
    for example, prediction in zip(examples, predictions, strict=True):
        found = f"{where}: the prediction on example {example.id!r} is {prediction!r}; expected"
        require(isinstance(prediction, Prediction), f"{found} a Prediction.")
        scores = prediction.scores
        require(
            type(scores) is tuple and all(type(score) is float and low <= score <= high for score in scores),
            f"{found} scores that are a tuple of plain floats from {low:g} to {high:g}.",
        )
        expected = kind.expected_prediction(prediction, example)
        require(expected is None, f"{found} {expected}.")


def _are_close(one: Prediction, other: Prediction, tolerance: float) -> bool:
    """Return whether two predictions are the same, but for so much in their numbers."""
    pairs = [*zip(one.scores, other.scores, strict=False)]
    if isinstance(one.value, float) and isinstance(other.value, float):
        pairs.append((one.value, other.value))
    elif one.value != other.value:
        return False
    return len(one.scores) == len(other.scores) and all(math.isclose(a, b, abs_tol=tolerance) for a, b in pairs)


def _check_independence(
    model: Model, examples: Sequence[Example], predictions: Sequence[Prediction], where: str, tolerance: float
) -> None:
    """Check that a prediction follows from its example alone: not from its target, its neighbours or its position."""
    asked = {
        "when the targets are hidden": model.predict([replace(example, target=None) for example in examples]),
        "in reverse order": model.predict(examples[::-1])[::-1],
        "one at a time": [prediction for example in examples for prediction in model.predict([example])],
    }
    for how, others in asked.items():
        for example, prediction, other in zip(examples, predictions, others, strict=True):
            require(
                _are_close(prediction, other, tolerance),
                f"{where}: the prediction on example {example.id!r} is {other!r} {how} and {prediction!r} otherwise; "
                "expected the same.",
            )


def _check_explanations(model: Model, examples: Sequence[Example], predictions: list[Prediction], where: str) -> None:
    """Check, where the model explains itself, the form of it, that it can be repeated, and that it leaves no trace."""
    if not isinstance(model, Explains):
        return
    reasons = model.explain(examples)
    mistake = find_fault(reasons, examples)
    require(not mistake, f"{where}: {mistake}")
    require(model.explain(examples) == reasons, f"{where}: explains otherwise the second time; expected the same.")
    same = model.predict(examples) == predictions
    require(same, f"{where}: predicts otherwise once it has explained itself; expected the same.")


def _check_resuming(fitted: Callable[[FitSession], Model], is_same: Callable[[Model], bool], where: str) -> None:
    """Check, where the model keeps checkpoints, that what goes on from one ends as an unbroken training does."""
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "checkpoint"

        def interrupt(_step: int, _steps: int) -> None:
            if checkpoint.exists():
                raise _InterruptionError

        with suppress(_InterruptionError):
            fitted(FitSession(checkpoint=checkpoint, checkpoint_seconds=0.0, on_step=interrupt))
        for state in ("an interrupted", "a finished") if checkpoint.exists() else ():
            require(
                is_same(fitted(FitSession(checkpoint=checkpoint))),
                f"{where}: going on from the checkpoint of {state} training gives other predictions; "
                "expected those of an unbroken one.",
            )
