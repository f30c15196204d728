"""What was asked and answered, as columns: the stored examples of a task, and each model's answers to them.

Only the answers of each model's lowest seed are read, for a page to show; :mod:`reports.evidence.predictions` reads all
of them, for statistics. Columns, and not example by example, so that a hundred models by twenty tasks are read in
seconds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import RunError
from harness.outputs import Kind, kind_of
from harness.outputs.kind import Credit
from harness.store.answers import from_column
from harness.store.records import Result
from harness.store.run import Run
from reports.evidence.results import Evidence


@dataclass(frozen=True, kw_only=True)
class Questions:
    """The labelled questions of one task; each column has one entry a question."""

    kind: Kind[Any]
    """What depends on the kind of answer."""
    splits: tuple[str, ...]
    scored: NDArray[np.bool_]
    """Whether the question counts in the task's score."""
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    pairs: tuple[str | None, ...]
    targets: tuple[Any, ...]
    tags: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, kw_only=True)
class Replies:
    """One model's answers, in the order of the questions."""

    values: tuple[Any, ...]
    """``None`` where there is no answer."""
    probabilities: NDArray[np.float64]
    """Of the answer given, or of what the kind of answer says; NaN where unknown."""
    credit: Credit
    seed: int


def read_questions(evidence: Evidence, task: str) -> Questions | None:
    """Return the stored questions of a task with an answer that counts as right; ``None`` where none are stored."""
    for label, stored in evidence.models.items():
        for result in evidence.results.get((task, label), ())[:1]:
            folder = Run(stored.folder).examples_path(result, "any").parent
            extra = sorted(path.stem for path in folder.glob("*.parquet") if path.stem not in result.scores)
            splits = [split for split in result.scores if (folder / f"{split}.parquet").is_file()]
            if splits:
                return _questions(result, {split: _table(folder / f"{split}.parquet") for split in (*splits, *extra)})
    return None


def _questions(result: Result, tables: Mapping[str, dict[str, list[Any]]]) -> Questions:
    rows = [
        (split, table["id"][row], table["text"][row], table["pair"][row], target, tuple(table["tags"][row] or ()))
        for split, table in tables.items()
        for row, target in enumerate(table["target"])
        if target is not None
    ]
    splits, ids, texts, pairs, targets, tags = zip(*rows, strict=True) if rows else ((),) * 6
    return Questions(
        kind=kind_of(result.output),
        splits=splits,
        scored=np.array([split in result.scores for split in splits], dtype=bool),
        ids=ids,
        texts=texts,
        pairs=pairs,
        targets=targets,
        tags=tags,
    )


def read_replies(evidence: Evidence, task: str, questions: Questions) -> dict[str, Replies]:
    """Return the answers of each model that has any stored, by the model's label."""
    found = {}
    grade = questions.kind.grader(questions.targets)
    for label, stored in evidence.models.items():
        for result in evidence.results.get((task, label), ())[:1]:
            folder = Run(stored.folder).trial_folder(result.key)
            paths = {split: folder / f"predictions-{split}.parquet" for split in dict.fromkeys(questions.splits)}
            tables = {split: _table(path) for split, path in paths.items() if path.is_file()}
            if tables:
                found[label] = _replies(questions, tables, grade, result.seed)
    return found


def _replies(
    questions: Questions,
    tables: Mapping[str, dict[str, list[Any]]],
    grade: Callable[[Sequence[Any]], Credit],
    seed: int,
) -> Replies:
    values, scores = _aligned(questions, tables)
    return Replies(
        values=values,
        probabilities=questions.kind.confidences(values, scores),
        credit=grade(values),
        seed=seed,
    )


def _aligned(questions: Questions, tables: Mapping[str, dict[str, list[Any]]]) -> tuple[tuple[Any, ...], list[Any]]:
    """Return values and scores in the order of the questions, whatever that of the files is."""
    values = [value for table in tables.values() for value in table["value"]]
    scores = [score for table in tables.values() for score in table["scores"]]
    keys = [(split, name) for split, table in tables.items() for name in table["id"]]
    wanted = list(zip(questions.splits, questions.ids, strict=True))
    if keys == wanted:
        return tuple(values), scores
    places = {key: place for place, key in enumerate(keys)}
    order = [places.get(key) for key in wanted]
    return (
        tuple(None if place is None else values[place] for place in order),
        [None if place is None else scores[place] for place in order],
    )


def _table(path: Path) -> dict[str, list[Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read(use_threads=False)
    except (OSError, pa.ArrowInvalid) as error:
        raise RunError(f"{path}: cannot be read ({error}); is the file cut short?") from error
    answers = {name: from_column(table[name]) for name in ("target", "value") if name in table.column_names}
    return {**table.drop_columns(list(answers)).to_pydict(), **answers}
