"""A passage with spans marked: those that are accepted, and those that models predicted."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a passage, and what it belongs to: ``accepted``, ``answered``, both, or neither."""

    text: str
    kinds: tuple[str, ...]


def pieces(passage: str, accepted: Sequence[tuple[int, int]], answered: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return the passage in parts, cut wherever a span of characters [start, end) begins or ends."""
    spans = {"accepted": accepted, "answered": answered}
    ends = {end for found in spans.values() for span in found for end in span}
    cuts = sorted({0, len(passage), *(end for end in ends if 0 <= end <= len(passage))})
    return [
        Piece(
            text=passage[start:end],
            kinds=tuple(kind for kind, found in spans.items() if any(a <= start and end <= b for a, b in found)),
        )
        for start, end in itertools.pairwise(cuts)
    ]


def position_of(answer: str, passage: str, near: Iterable[int] = ()) -> tuple[int, int] | None:
    """Return where an answer stands in its passage: one of the positions ``near``, else the first as words of its own.

    Answers are stored as texts; ``None`` for the empty one, and for what the passage does not hold.
    """
    if not answer:
        return None
    start = next((start for start in near if passage.startswith(answer, start)), -1)
    if start < 0:
        whole = re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", passage)
        start = whole.start() if whole else passage.find(answer)
    return (start, start + len(answer)) if start >= 0 else None
