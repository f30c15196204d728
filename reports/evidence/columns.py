"""What was asked and answered, as columns: the stored examples of a task, and each model's answers to them.

Only the answers of each model's lowest seed are read, for a page to show; :mod:`reports.evidence.predictions` reads all
of them, for statistics. Columns, and not example by example, so that a hundred models by twenty tasks are read in
seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import RunError
from harness.metrics import squad
from harness.store.records import Result
from harness.store.run import Run
from reports.evidence.results import Evidence

Credit = NDArray[np.float64]
"""How right each answer is, 0 to 1; NaN where there is none."""

RIGHT_FROM = {"Classification": 0.5, "Regression": 0.75, "Extraction": 0.5}
"""An answer with less credit counts as missed."""
RIGHT_MEANS = {
    "Classification": "the label is the right one",
    "Regression": "it is off by no more than a quarter of the range",
    "Extraction": "its F1 is one half or more",
}


@dataclass(frozen=True, kw_only=True)
class Questions:
    """The labelled questions of one task; each column has one entry a question."""

    kind: str
    """The kind of answer: ``Classification``, ``Regression`` or ``Extraction``."""
    labels: tuple[str, ...]
    """Of classification; empty otherwise."""
    low: float
    high: float
    """The range of regression; 0 and 1 otherwise."""
    may_be_unanswerable: bool
    """Whether a question of extraction may have no answer."""
    splits: tuple[str, ...]
    scored: NDArray[np.bool_]
    """Whether the question counts in the task's score."""
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    pairs: tuple[str | None, ...]
    targets: tuple[Any, ...]
    """A label's index, a number, or the accepted spans as ``{"text", "start"}``."""
    tags: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.ids)

    def shown(self, answer: Any) -> str:
        """Return an answer, or a right answer, as a person reads it."""
        if self.kind == "Classification":
            return self.labels[answer] if 0 <= answer < len(self.labels) else str(answer)
        if self.kind == "Regression":
            return f"{answer:.2f}"
        if not isinstance(answer, str):
            answer = " / ".join(dict.fromkeys(span["text"] for span in answer))
        return answer or "(no answer)"


@dataclass(frozen=True, kw_only=True)
class Replies:
    """One model's answers, in the order of the questions."""

    values: tuple[Any, ...]
    """``None`` where there is no answer."""
    probabilities: NDArray[np.float64]
    """Of the answer given; of extraction, that there is none. NaN where unknown."""
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
        kind=str(result.output.get("kind", "")),
        labels=tuple(map(str, result.output.get("labels", ()))),
        low=float(result.output.get("low", 0.0)),
        high=float(result.output.get("high", 1.0)),
        may_be_unanswerable=bool(result.output.get("unanswerable", False)),
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
    accepted = _accepted(questions)
    for label, stored in evidence.models.items():
        for result in evidence.results.get((task, label), ())[:1]:
            folder = Run(stored.folder).trial_folder(result.key)
            paths = {split: folder / f"predictions-{split}.parquet" for split in dict.fromkeys(questions.splits)}
            tables = {split: _table(path) for split, path in paths.items() if path.is_file()}
            if tables:
                found[label] = _replies(questions, tables, accepted, result.seed)
    return found


def _replies(
    questions: Questions, tables: Mapping[str, dict[str, list[Any]]], accepted: Sequence[list[str]], seed: int
) -> Replies:
    values, scores = _aligned(questions, tables)
    return Replies(
        values=values,
        probabilities=_probabilities(questions, values, scores),
        credit=_credit(questions, values, accepted),
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


def _probabilities(questions: Questions, values: Sequence[Any], scores: Sequence[Any]) -> NDArray[np.float64]:
    if questions.kind == "Classification":
        known = [
            s[v] if s and v is not None and 0 <= v < len(s) else np.nan for v, s in zip(values, scores, strict=True)
        ]
    elif questions.kind == "Extraction":
        known = [s[0] if s else np.nan for s in scores]
    else:
        known = [np.nan] * len(values)
    return np.array(known, dtype=np.float64)


def _accepted(questions: Questions) -> list[list[str]]:
    """Return the accepted texts of each question of extraction, normalised as SQuAD's scripts do; else nothing."""
    if questions.kind != "Extraction":
        return []
    accepted = squad.version_2_accepted if questions.may_be_unanswerable else squad.version_1_accepted
    return [accepted(span["text"] for span in target) for target in questions.targets]


def _credit(questions: Questions, values: Sequence[Any], accepted: Sequence[list[str]]) -> Credit:
    if questions.kind == "Extraction":
        agreement = squad.version_2_agreement if questions.may_be_unanswerable else squad.version_1_agreement
        f1 = [np.nan if v is None else agreement(v, texts)[1] for v, texts in zip(values, accepted, strict=True)]
        return np.array(f1, dtype=np.float64)
    given = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    right = np.array(questions.targets, dtype=np.float64)
    if questions.kind == "Regression":
        credit = 1.0 - np.minimum(np.abs(given - right) / (questions.high - questions.low), 1.0)
    else:
        credit = np.where(np.isnan(given), np.nan, given == right)
    return np.asarray(credit, dtype=np.float64)


def _table(path: Path) -> dict[str, list[Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            columns: dict[str, list[Any]] = file.read(use_threads=False).to_pydict()
    except (OSError, pa.ArrowInvalid) as error:
        raise RunError(f"{path}: cannot be read ({error}); is the file cut short?") from error
    return columns
