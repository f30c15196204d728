"""What the page's error browser holds: as many examples as a budget allows, and ten of them without JavaScript."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.analysis import hard_examples
from reports.evidence.columns import ExampleColumns, PredictionColumns
from reports.page.spans import Piece, pieces, position_of

PAGE_BYTES = 5_000_000
"""What the examples of all tasks together may take of the page."""
TASK_BYTES = 600_000
MAX_QUESTIONS = 2000
"""Of a task, however small they are."""
NUM_STATIC = 10
MAX_NAMED = 12


@dataclass(frozen=True, kw_only=True)
class Given:
    """A prediction that some models made for an example."""

    text: str
    is_right: bool
    models: tuple[str, ...]
    """Each with the probability of its prediction, where known."""
    num_more: int
    """Models that gave it and are not named."""


@dataclass(frozen=True, kw_only=True)
class Missed:
    """One of the most missed examples, to be read without JavaScript."""

    text: str
    pair: tuple[Piece, ...]
    right: str
    num_missed: int
    num_models: int
    given: tuple[Given, ...]


@dataclass(frozen=True, kw_only=True)
class Browser:
    """The examples of one task that are embedded, and what is said of them."""

    document: Mapping[str, Any]
    missed: tuple[Missed, ...]
    num_kept: int
    num_questions: int
    right_means: str

    @property
    def labels(self) -> list[str]:
        """The labels of classification; empty otherwise."""
        return list(self.document["labels"])


def browser(examples: ExampleColumns, predictions: Mapping[str, PredictionColumns], num_tasks: int) -> Browser:
    """Return what a task's browser holds, on one of ``num_tasks`` tasks that share the page."""
    credit = np.array([found.credit for found in predictions.values()])
    right_from = examples.kind.right_from
    budget = min(TASK_BYTES, PAGE_BYTES // max(num_tasks, 1))
    order = hard_examples.chosen(credit, right_from, limit=MAX_QUESTIONS)
    sure = np.array([found.probabilities for found in predictions.values()])
    percents = zip(_percents(sure[:, order]), _percents(credit[:, order]), strict=True)
    rows = _within(budget, (_row(examples, predictions, int(i), of) for i, of in zip(order, percents, strict=True)))
    static = hard_examples.most_missed(credit, right_from)[:NUM_STATIC]
    document = {
        "labels": list(examples.kind.labels),
        "near": examples.kind.near,
        "sureOf": examples.kind.confidence_of,
        "rightFrom": right_from,
        "models": list(predictions),
        "questions": rows,
    }
    return Browser(
        document=document,
        missed=tuple(_missed(examples, predictions, int(index), right_from) for index in static),
        num_kept=len(rows),
        num_questions=len(examples),
        right_means=examples.kind.right_means,
    )


def _within(budget: int, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows in their order until the budget of bytes is spent, but one at least."""
    kept: list[dict[str, Any]] = []
    spent = 0
    for row in rows:
        spent += len(json.dumps(row, ensure_ascii=False).encode()) + 1
        if kept and spent > budget:
            break
        kept.append(row)
    return kept


def _row(
    examples: ExampleColumns,
    predictions: Mapping[str, PredictionColumns],
    index: int,
    percents: tuple[list[Any], list[Any]],
) -> dict[str, Any]:
    """Return one example with each model's prediction, the probability of it in percent, and its credit in percent."""
    sure, credit = percents
    return {
        "id": examples.ids[index],
        "split": examples.splits[index],
        "text": examples.texts[index],
        "pair": examples.pairs[index],
        "right": examples.kind.plain(examples.targets[index]),
        "answers": [examples.kind.plain(found.values[index]) for found in predictions.values()],
        "sure": sure,
        "credit": credit,
    }


def _percents(fractions: NDArray[np.float64]) -> list[list[int | None]]:
    """Return (models, examples) as whole percents, a list an example, ``None`` for NaN."""
    known = np.isfinite(fractions)
    percents = np.rint(100 * np.where(known, fractions, 0.0)).astype(np.int64).astype(object)
    percents[~known] = None
    rows: list[list[int | None]] = percents.T.tolist()
    return rows


def _missed(
    examples: ExampleColumns, predictions: Mapping[str, PredictionColumns], index: int, right_from: float
) -> Missed:
    credit = np.array([found.credit[index] for found in predictions.values()])
    passage, target = examples.pairs[index] or "", examples.targets[index]
    accepted = [(span.start, span.start + len(span.text)) for span in examples.kind.spans(target)]
    values = [found.values[index] for found in predictions.values()] if accepted else []
    near = [start for start, _ in accepted]
    answered = [span for value in values if value and (span := position_of(value, passage, near))]
    return Missed(
        text=examples.texts[index],
        pair=tuple(pieces(passage, accepted, answered)) if passage else (),
        right=examples.kind.show(examples.targets[index]),
        num_missed=int((credit < right_from).sum()),
        num_models=int(np.isfinite(credit).sum()),
        given=_given(examples, predictions, index, right_from),
    )


def _given(
    examples: ExampleColumns, predictions: Mapping[str, PredictionColumns], index: int, right_from: float
) -> tuple[Given, ...]:
    """Return the predictions for one example, each with the models that made it, the most frequent first."""
    by_text: dict[tuple[str, bool], list[str]] = {}
    for label, found in predictions.items():
        value = found.values[index]
        if value is not None:
            key = (examples.kind.show(value), bool(found.credit[index] >= right_from))
            by_text.setdefault(key, []).append(_named(examples, label, found.probabilities[index]))
    return tuple(
        Given(text=text, is_right=right, models=tuple(names[:MAX_NAMED]), num_more=max(0, len(names) - MAX_NAMED))
        for (text, right), names in sorted(by_text.items(), key=lambda item: -len(item[1]))[:MAX_NAMED]
    )


def _named(examples: ExampleColumns, label: str, probability: float) -> str:
    if math.isnan(probability):
        return label
    return f"{label} ({examples.kind.confidence_of}{100 * probability:.0f} %)"
