"""Examples and predictions: :class:`Example` goes in, :class:`Prediction` comes out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: its characters, and the index of the first one."""

    text: str
    start: int


Target = int | float | frozenset[int] | tuple[Span, ...] | None
"""A label's index, a number, the indices of some labels, the accepted spans (none: unanswerable), the bytes of a text;
``None``: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One question.

    ``text`` and ``pair`` are the sentence, or the premise and the hypothesis; for extraction the question and the
    passage; of a minimal pair the acceptable sentence and the other one; ``text`` may be a whole document. ``id`` is
    unique within its split. ``tags`` name what the question is about, such as the phenomena of
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

    ``value`` is a label's index, a number, a text (``""``: no answer), the indices of some labels, or a text's
    log-probability in nats. ``scores`` are what is behind it: the probability of each label; for extraction
    ``(P(no answer),)``; the log-probability of each sentence of a minimal pair; of a document ``(number of tokens,)``;
    empty where a model has none to give.
    """

    value: int | float | str | frozenset[int]
    scores: tuple[float, ...] = ()
