"""Examples and predictions: :class:`Example` goes in, :class:`Prediction` comes out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: its characters, and the index of the first one."""

    text: str
    start: int


Target = int | float | frozenset[int] | tuple[Span, ...] | None
"""A label's index, a number, the indices of some labels, the accepted spans (none: unanswerable); ``None``: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One question.

    ``text`` and ``pair`` are the sentence, or the premise and the hypothesis; for extraction the question and the
    passage. ``id`` is unique within its split. ``tags`` name what the question is about, such as the phenomena of
    GLUE's diagnostic set, as ``family: phenomenon``; reports slice scores by them.
    """

    id: str
    text: str
    pair: str | None = None
    target: Target = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a model says of one example, as plain Python values.

    ``value`` is a label's index, a number, a text (``""``: no answer), or the indices of some labels. ``scores`` are
    the confidence behind it: the probability of each label, or for extraction ``(P(no answer),)``; empty where a model
    has none to give.
    """

    value: int | float | str | frozenset[int]
    scores: tuple[float, ...] = ()
