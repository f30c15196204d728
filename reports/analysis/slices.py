"""Slices of a task's examples: by length, by gold label, by what they are tagged with, and by split."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.evidence.columns import ExampleColumns

MIN_QUESTIONS = 10
"""A slice of fewer says nothing."""


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Some of a task's examples, by what they have in common."""

    family: str
    name: str
    members: NDArray[np.bool_]
    """Shape (examples,)."""

    @property
    def size(self) -> int:
        """How many examples it holds."""
        return int(self.members.sum())


def slices(examples: ExampleColumns) -> list[Slice]:
    """Return every slice with enough examples; those by length and by gold label hold scored examples alone."""
    found = [*by_length(examples), *_by_target(examples), *_by_tag(examples), *_by_split(examples)]
    return [part for part in found if part.size >= MIN_QUESTIONS]


def by_length(examples: ExampleColumns) -> list[Slice]:
    """Return four parts of about as many examples each, by words in all; fewer where lengths tie."""
    lengths = word_counts(examples.texts, examples.pairs)
    scored = lengths[examples.scored]
    if not len(scored):
        return []
    edges = [-1, *np.unique(np.quantile(scored, [0.25, 0.5, 0.75], method="lower")).tolist(), int(scored.max())]
    parts = [(low, high) for low, high in itertools.pairwise(edges) if low < high]
    return [
        Slice(
            family="length",
            name=f"{_span(lengths, examples.scored & (lengths > low) & (lengths <= high))} words",
            members=examples.scored & (lengths > low) & (lengths <= high),
        )
        for low, high in parts
    ]


def word_counts(texts: Sequence[str], pairs: Sequence[str | None]) -> NDArray[np.int64]:
    """Return the number of words of each example, both texts together."""
    counts = [len(text.split()) + len((pair or "").split()) for text, pair in zip(texts, pairs, strict=True)]
    return np.array(counts, dtype=np.int64)


def _span(lengths: NDArray[np.int64], members: NDArray[np.bool_]) -> str:
    inside = lengths[members]
    low, high = (int(inside.min()), int(inside.max())) if len(inside) else (0, 0)
    return str(low) if low == high else f"{low} to {high}"


def _by_target(examples: ExampleColumns) -> Iterator[Slice]:
    for name, members in examples.kind.slices(examples.targets):
        yield Slice(family="gold label", name=name, members=examples.scored & members)


def _by_tag(examples: ExampleColumns) -> Iterator[Slice]:
    """Yield a slice a tag; ``family: phenomenon`` names its family."""
    members: dict[str, list[int]] = {}
    for index, tags in enumerate(examples.tags):
        for tag in tags:
            members.setdefault(tag, []).append(index)
    for tag in sorted(members):
        inside = np.zeros(len(examples), dtype=bool)
        inside[members[tag]] = True
        family, colon, name = tag.partition(": ")
        yield Slice(family=family if colon else "tag", name=name if colon else tag, members=inside)


def _by_split(examples: ExampleColumns) -> Iterator[Slice]:
    names = list(dict.fromkeys(examples.splits))
    splits = np.array(examples.splits, dtype=object)
    for name in names if len(names) > 1 else ():
        yield Slice(family="split", name=name, members=np.asarray(splits == name, dtype=bool))
