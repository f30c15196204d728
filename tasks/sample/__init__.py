"""The sample that ships with the project: rows made by our own grammar and lexicon, in each dataset's own row format.

It is not the real benchmark and holds none of its text. A row's split is decided by its text alone (:func:`_home`),
so two splits never share an input, whatever the seeds.
"""

import zlib
from collections.abc import Callable
from importlib import import_module
from random import Random
from typing import Any

VERSION = 1
"""Raise it whenever a row changes: it is part of every stored result's data fingerprint."""

_SIZES = {"train": 1000, "validation": 250, "test": 100}
_SHARES = ("train",) * 6 + ("validation",) * 2 + ("test",) * 2
_FAMILIES = {
    "sentences": ("cola", "sst2"),
    "pairs": ("mrpc", "qqp", "stsb"),
    "inference": ("mnli", "ax", "rte"),
    "schemas": ("wnli",),
    "passages": ("qnli", "squad", "squad_v2"),
}
_KEYS = {
    "cola": "sentence",
    "sst2": "sentence",
    "qqp": "question1",
    "qnli": "question",
    "mnli": "premise",
    "ax": "premise",
    "squad": "context",
    "squad_v2": "context",
}
"""The column that decides a row's split; ``sentence1`` where none is named."""


def rows(dataset: str, split: str, seed: int) -> list[dict[str, Any]]:
    """Return the rows of one split, always the same for the same arguments.

    Columns are the hub's, without ``idx``. As there, the label of a test row is -1. SQuAD's sets have no test split.
    """
    made = _made(dataset, split, seed)
    if split.startswith("test"):
        return [
            {column: value for column, value in row.items() if column != "tags"} | {"label": type(row["label"])(-1)}
            for row in made
        ]
    return made


def diagnostic_rows(seed: int) -> list[dict[str, Any]]:
    """Return the rows of ``rows("ax", "test", seed)`` with what is hidden there: labels, and phenomena as ``tags``.

    No answer changes with them: they do not count for ``VERSION``.
    """
    return _made("ax", "test", seed)


def _made(dataset: str, split: str, seed: int) -> list[dict[str, Any]]:
    part, _, genre = split.partition("_")
    random, make, key = Random(f"{dataset}/{split}/{seed}"), _maker(dataset, genre), _KEYS.get(dataset, "sentence1")
    made: dict[tuple[str, ...], dict[str, Any]] = {}
    while len(made) < _SIZES[part]:
        for row in make(random):
            if _home(row[key]) == part:
                made.setdefault(_inputs(row), row)
    return list(made.values())[: _SIZES[part]]


def _maker(dataset: str, genre: str) -> Callable[[Random], list[dict[str, Any]]]:
    """Return the function that draws a few rows of ``dataset``. Its family is imported on use only."""
    family = next(family for family, datasets in _FAMILIES.items() if dataset in datasets)
    name = "mnli_mismatched" if genre == "mismatched" else dataset
    return getattr(import_module(f"{__name__}.{family}"), name)  # type: ignore[no-any-return]


def _home(text: str) -> str:
    """Return the split that a text belongs to."""
    return _SHARES[zlib.crc32(text.encode()) % len(_SHARES)]


def _inputs(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(value for column, value in row.items() if isinstance(value, str) and column != "id")
