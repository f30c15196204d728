"""Examples and predictions as columns: the stored examples of a task, and each model's predictions for them.

Only the predictions of each model's lowest seed are read, for a page to show; :mod:`reports.evidence.predictions` reads
all of them, for statistics. Columns, and not example by example, so that a hundred models by twenty tasks are read in
seconds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.outputs import Kind, kind_of
from harness.outputs.kind import Credit
from harness.store.examples import read_example_table
from harness.store.listing import files_in, is_there
from harness.store.records import Result
from harness.store.run import Run
from reports.evidence.results import Evidence


@dataclass(frozen=True, kw_only=True)
class ExampleColumns:
    """The labelled examples of one task; each column has one entry an example."""

    kind: Kind[Any]
    """What depends on the kind of answer."""
    splits: tuple[str, ...]
    scored: NDArray[np.bool_]
    """Whether the example counts in the task's score."""
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    pairs: tuple[str | None, ...]
    targets: tuple[Any, ...]
    tags: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, kw_only=True)
class PredictionColumns:
    """One model's predictions, in the order of the examples."""

    values: tuple[Any, ...]
    """``None`` where there is no prediction."""
    probabilities: NDArray[np.float64]
    """Of the predicted value, or of what the kind of answer says; NaN where unknown."""
    credit: Credit
    seed: int


def read_example_columns(evidence: Evidence, task: str) -> ExampleColumns | None:
    """Return the stored examples of a task whose targets are known; ``None`` where none are stored."""
    for label, stored in evidence.models.items():
        for result in evidence.results.get((task, label), ())[:1]:
            folder = Run(stored.folder).examples_path(result, "any").parent
            extra = [p.stem for p in files_in(folder, ".parquet") if p.stem not in result.scores]
            splits = [split for split in result.scores if is_there(folder / f"{split}.parquet")]
            if splits:
                return _example_columns(
                    result, {split: read_example_table(folder / f"{split}.parquet") for split in (*splits, *extra)}
                )
    return None


def _example_columns(result: Result, tables: Mapping[str, dict[str, list[Any]]]) -> ExampleColumns:
    rows = [
        (split, table["id"][row], table["text"][row], table["pair"][row], target, table["tags"][row])
        for split, table in tables.items()
        for row, target in enumerate(table["target"])
        if target is not None
    ]
    splits, ids, texts, pairs, targets, tags = zip(*rows, strict=True) if rows else ((),) * 6
    return ExampleColumns(
        kind=kind_of(result.output),
        splits=splits,
        scored=np.array([split in result.scores for split in splits], dtype=bool),
        ids=ids,
        texts=texts,
        pairs=pairs,
        targets=targets,
        tags=tags,
    )


def read_prediction_columns(evidence: Evidence, task: str, examples: ExampleColumns) -> dict[str, PredictionColumns]:
    """Return the predictions of each model that has any stored, by the model's label."""
    found = {}
    grade = examples.kind.grader(examples.targets)
    for label, stored in evidence.models.items():
        for result in evidence.results.get((task, label), ())[:1]:
            run = Run(stored.folder)
            splits = [s for s in dict.fromkeys(examples.splits) if is_there(run.predictions_path(result.key, s))]
            tables = {split: run.prediction_table(result, split) for split in splits}
            if tables:
                found[label] = _prediction_columns(examples, tables, grade, result.seed)
    return found


def _prediction_columns(
    examples: ExampleColumns,
    tables: Mapping[str, dict[str, list[Any]]],
    grade: Callable[[Sequence[Any]], Credit],
    seed: int,
) -> PredictionColumns:
    values, scores = _aligned(examples, tables)
    return PredictionColumns(
        values=values,
        probabilities=examples.kind.confidences(values, scores),
        credit=grade(values),
        seed=seed,
    )


def _aligned(examples: ExampleColumns, tables: Mapping[str, dict[str, list[Any]]]) -> tuple[tuple[Any, ...], list[Any]]:
    """Return values and scores in the order of the examples, whatever that of the files is."""
    values = [value for table in tables.values() for value in table["value"]]
    scores = [score for table in tables.values() for score in table["scores"]]
    keys = [(split, name) for split, table in tables.items() for name in table["id"]]
    wanted = list(zip(examples.splits, examples.ids, strict=True))
    if keys == wanted:
        return tuple(values), scores
    positions = {key: position for position, key in enumerate(keys)}
    order = [positions.get(key) for key in wanted]
    return (
        tuple(None if position is None else values[position] for position in order),
        [None if position is None else scores[position] for position in order],
    )
