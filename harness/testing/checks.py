"""Conformance checks for tasks and models of your own, to be called in your own tests; no GPU, no network.

from harness.testing.checks import check_model, check_task

def test_my_task():
    check_task(MY_TASK)

def test_my_model():
    check_model(MY_MODEL, MY_TASK)
"""

import json
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.api.attribution import find_fault
from harness.api.example import Example, Prediction, Span
from harness.api.limits import Limits
from harness.api.model import Explains, FitSession, History, Model, ModelSpec
from harness.api.output import Classification, Extraction, Output, Regression
from harness.api.task import Task
from harness.data.loading import TaskData, load
from harness.data.source import Source
from harness.errors import HarnessError
from harness.metrics.scoring import headline, resolve, score
from harness.testing.answers import answer_range, are_close, constant_answers, right_answer

TOLERANCE = 1e-3
"""How far scores, and numbers as a share of their range, may differ with the batch that an example is in."""


class ConformanceError(AssertionError):
    """A task or a model that does not keep its side of the bargain."""


def check_task(task: Task, source: Source | None = None) -> None:
    """Check that ``task`` can be read, learnt and scored; ``source`` is by default its own folder or its sample.

    Raises:
        ConformanceError: the first thing that is wrong, and what is expected.
    """
    source = source or _own_source(task)
    data = _load(task, source)
    labelled = {"train": data.train, **data.scored}
    for split, examples in {**labelled, **data.answered}.items():
        for example in examples:
            where = f"task {task.name!r}, {split} split, example {example.id!r}"
            _check_texts(example, where)
            if split in labelled or example.target is not None:
                _check_target(task.output, example, where)
    _require(
        source.fingerprint(task) == source.fingerprint(task) and _load(task, source) == data,
        f"task {task.name!r}: reading it twice gives different rows; expected the same each time.",
    )
    if isinstance(task.output, Classification):
        _check_labels(task.output.labels, data, f"task {task.name!r}")
    for split, examples in data.scored.items():
        _check_metrics(task, examples, f"task {task.name!r}, {split} split")


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
    """Check that ``spec`` learns and answers ``task`` as a benchmark needs it.

    It is fitted up to five times, by default on 32 examples, and answers 8; in float32, as rounding is no fault.

    Raises:
        ConformanceError: the first thing that is wrong, and what is expected.
    """
    where = f"model {spec.name!r} on task {task.name!r}"
    _require(spec.supports(task.output), f"{where}: does not support {type(task.output).__name__}; nothing to check.")
    _check_identity(spec)
    data = _load(task, source or _own_source(task), limits or Limits(train=32, evaluation=8))
    questions = next(iter(data.scored.values()))
    exact = replace(spec, recipe=spec.recipe and replace(spec.recipe, precision="float32"))

    def fitted(session: FitSession) -> Model:
        model = exact.build(task, seed=seed, device=device)
        history = model.fit(data.train, session)
        _require(isinstance(history, History), f"{where}: fit returns {history!r}; expected a History.")
        return model

    model = fitted(FitSession())
    count, answers = model.num_parameters, model.predict(questions)
    _require(type(count) is int and count >= 0, f"{where}: num_parameters is {count!r}; expected a whole number.")
    _check_predictions(task.output, questions, answers, where)
    _check_independence(model, questions, answers, where, tolerance * answer_range(task.output))
    _check_explanations(model, questions, answers, where)
    again = fitted(FitSession()).predict(questions)
    _require(again == answers, f"{where}: seed {seed} gives other predictions the second time; expected the same.")
    _check_resuming(fitted, lambda model: model.predict(questions) == answers, where)


class _InterruptionError(Exception):
    """Stands for the power cut in the middle of training."""


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ConformanceError(otherwise)


def _own_source(task: Task) -> Source:
    """Return the source that needs no network: the folder that the task brings, or its sample."""
    if task.folder is not None and task.folder.root is not None:
        return Source(kind="folder", root=task.folder.root)
    _require(
        task.sample is not None,
        f"task {task.name!r} brings no data of its own; expected a folder with a root, a sample, or source=.",
    )
    return Source(kind="sample")


def _load(task: Task, source: Source, limits: Limits | None = None) -> TaskData:
    try:
        return load(task, source, limits)
    except HarnessError as error:
        raise ConformanceError(str(error)) from error


def _check_texts(example: Example, where: str) -> None:
    for name, text in (("id", example.id), ("text", example.text), ("pair", example.pair or "")):
        _require(type(text) is str, f"{where}: its {name} is a {type(text).__name__}; expected a string.")


def _check_target(output: Output, example: Example, where: str) -> None:
    target: Any = example.target
    found = f"{where}: its target is {target!r}; expected"
    match output:
        case Classification(labels=labels):
            _require(type(target) is int and 0 <= target < len(labels), f"{found} an index into {labels}.")
        case Regression(low=low, high=high):
            is_number = type(target) in (int, float)
            _require(is_number and low <= target <= high, f"{found} a number from {low:g} to {high:g}.")
        case Extraction(unanswerable=unanswerable):
            are_spans = type(target) is tuple and all(isinstance(span, Span) for span in target)
            _require(are_spans, f"{found} a tuple of spans.")
            _require(bool(target) or unanswerable, f"{found} at least one span, as unanswerable is False.")
            for span in target:
                held = (example.pair or "")[span.start : span.start + len(span.text)]
                _require(held == span.text, f"{found} it in the passage, which has {held!r} at {span.start}.")


def _check_labels(labels: tuple[str, ...], data: TaskData, where: str) -> None:
    distinct = len(set(labels)) == len(labels) >= 2
    _require(distinct, f"{where}: its labels are {labels}; expected two or more, all different.")
    learnt = {example.target for example in data.train}
    scored = {example.target for examples in data.scored.values() for example in examples}
    unseen = [label for index, label in enumerate(labels) if index in scored - learnt]
    _require(not unseen, f"{where}: train never shows {', '.join(unseen)}; expected each label that is scored.")


def _check_metrics(task: Task, examples: Sequence[Example], where: str) -> None:
    """Check that the right answers give finite figures that no constant answer beats."""
    metrics = [resolve(metric) for metric in task.metrics]
    _require(bool(metrics), f"{where}: no metrics; expected at least one.")

    def figures(answers: Sequence[Prediction], kind: str) -> Mapping[str, float]:
        try:
            given = score(metrics, answers, examples)
        except KeyError as error:
            raise ConformanceError(f"{where}: a metric names the figure {error} and does not give it.") from error
        for name, value in given.items():
            _require(math.isfinite(value), f"{where}: {name} is {value} for {kind} answers; expected a finite number.")
        return given

    best = figures([right_answer(task.output, example) for example in examples], "perfect")
    for constant in constant_answers(task.output):
        other = figures([constant] * len(examples), "constant")
        for name in headline(metrics, best):
            _require(
                best[name] >= other[name],
                f"{where}: {name} is {other[name]:g} where every answer is {constant.value!r} and {best[name]:g} where "
                "each is right; expected the right answers to score best.",
            )


def _check_identity(spec: ModelSpec) -> None:
    where = f"model {spec.name!r}"
    try:
        one, other = (json.dumps(dict(s.identity()), sort_keys=True, allow_nan=False) for s in (spec, replace(spec)))
    except (TypeError, ValueError) as error:
        raise ConformanceError(f"{where}: its identity is no JSON ({error}); expected plain values only.") from error
    _require(one == other, f"{where}: two equal specs have the identities {one} and {other}; expected one.")


def _check_predictions(output: Output, questions: Sequence[Example], answers: Sequence[Prediction], where: str) -> None:
    _require(
        isinstance(answers, list) and len(answers) == len(questions),
        f"{where}: predict gives {len(answers)} answers to {len(questions)} questions; expected a list of as many.",
    )
    for question, answer in zip(questions, answers, strict=True):
        found = f"{where}: example {question.id!r} is answered {answer!r}; expected"
        _require(isinstance(answer, Prediction), f"{found} a Prediction.")
        value, scores = answer.value, answer.scores
        _require(
            type(scores) is tuple and all(type(score) is float and 0 <= score <= 1 for score in scores),
            f"{found} scores that are a tuple of plain floats from 0 to 1.",
        )
        match output:
            case Classification(labels=labels):
                _require(type(value) is int and 0 <= value < len(labels), f"{found} a plain int, an index of {labels}.")
                _check_probabilities(int(value), scores, len(labels), found)
            case Regression():
                _require(type(value) is float and math.isfinite(value), f"{found} a plain, finite float.")
            case Extraction(unanswerable=unanswerable):
                _require(type(value) is str and value in (question.pair or ""), f"{found} a piece of the passage.")
                _require(bool(value) or unanswerable, f"{found} some text, as unanswerable is False.")
                _require(len(scores) <= 1, f"{found} no score but the probability of no answer.")


def _check_probabilities(value: int, scores: tuple[float, ...], num_labels: int, found: str) -> None:
    if not scores:
        return  # a model may have no confidence to give
    _require(len(scores) == num_labels, f"{found} one score for each of {num_labels} labels.")
    _require(math.isclose(sum(scores), 1, abs_tol=1e-3), f"{found} scores that sum to 1, not to {sum(scores):g}.")
    _require(scores[value] == max(scores), f"{found} the label with the highest score.")


def _check_independence(
    model: Model, questions: Sequence[Example], answers: Sequence[Prediction], where: str, room: float
) -> None:
    """Check that an answer follows from its question alone: not from its target, its neighbours or its place."""
    asked = {
        "when the targets are hidden": model.predict([replace(question, target=None) for question in questions]),
        "in reverse order": model.predict(questions[::-1])[::-1],
        "one at a time": [answer for question in questions for answer in model.predict([question])],
    }
    for how, others in asked.items():
        for question, answer, other in zip(questions, answers, others, strict=True):
            _require(
                are_close(answer, other, room),
                f"{where}: example {question.id!r} is answered {other!r} {how} and {answer!r} otherwise; "
                "expected the same answer.",
            )


def _check_explanations(model: Model, questions: Sequence[Example], answers: list[Prediction], where: str) -> None:
    """Check, where the model explains itself, the form of it, that it can be repeated, and that it leaves no trace."""
    if not isinstance(model, Explains):
        return
    reasons = model.explain(questions)
    fault = find_fault(reasons, questions)
    _require(not fault, f"{where}: {fault}")
    _require(model.explain(questions) == reasons, f"{where}: explains otherwise the second time; expected the same.")
    same = model.predict(questions) == answers
    _require(same, f"{where}: answers otherwise once it has explained itself; expected the same.")


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
            _require(
                is_same(fitted(FitSession(checkpoint=checkpoint))),
                f"{where}: going on from the checkpoint of {state} training gives other predictions; "
                "expected those of an unbroken one.",
            )
