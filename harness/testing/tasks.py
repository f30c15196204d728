"""Conformance checks for tasks: that examples can be read and learnt, and that metrics prefer what is right."""

import math
from collections.abc import Mapping, Sequence

from harness.api.example import Example, Prediction
from harness.api.task import Task
from harness.data.source import Source
from harness.metrics.scoring import headline, higher_is_better, resolve, score
from harness.outputs import kind_of
from harness.testing.conformance import ConformanceError, load_examples, own_source, require


def check_task(task: Task, source: Source | None = None) -> None:
    """Check that ``task`` can be read, learnt and scored; ``source`` is by default its own folder or its sample.

    Raises:
        ConformanceError: the first thing that is wrong, and what is expected.
    """
    source = source or own_source(task)
    data, kind = load_examples(task, source), kind_of(task.output)
    require(
        source.fingerprint(task) == source.fingerprint(task) and load_examples(task, source) == data,
        f"task {task.name!r}: reading it twice gives different rows; expected the same each time.",
    )
    scored = [example for examples in data.scored.values() for example in examples]
    expected = kind.expected_examples(data.train, scored)
    require(expected is None, f"task {task.name!r}: expected {expected}.")
    for split, examples in data.scored.items():
        _check_metrics(task, examples, f"task {task.name!r}, {split} split")


def _check_metrics(task: Task, examples: Sequence[Example], where: str) -> None:
    """Check that perfect predictions give finite metric values that no constant prediction beats."""
    kind = kind_of(task.output)
    metrics = [resolve(metric) for metric in task.metrics]
    require(bool(metrics), f"{where}: no metrics; expected at least one.")

    def values(predictions: Sequence[Prediction], which: str) -> Mapping[str, float]:
        try:
            given = score(metrics, predictions, examples)
        except KeyError as error:
            raise ConformanceError(f"{where}: a metric names the value {error} and does not give it.") from error
        for name, value in given.items():
            require(math.isfinite(value), f"{where}: {name} is {value} for {which} predictions; expected it finite.")
        return given

    best = values([kind.perfect(example.target) for example in examples], "perfect")
    for constant in kind.uninformed():
        other = values([constant] * len(examples), "constant")
        for name in headline(metrics, best):
            require(
                best[name] >= other[name] if higher_is_better(metrics) else best[name] <= other[name],
                f"{where}: {name} is {other[name]:g} where every prediction is {constant.value!r} and {best[name]:g} "
                "where each is right; expected the right ones to score best.",
            )
