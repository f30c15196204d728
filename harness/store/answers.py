"""Targets and predicted values as a Parquet column: an index, a number, a text, a set of indices, or spans."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.api.example import Span

if TYPE_CHECKING:
    import pyarrow as pa


def to_column(answers: Sequence[Any]) -> "pa.Array":
    """Return indices, numbers and texts as they are, sets as sorted lists, and spans as structs ``{text, start}``."""
    import pyarrow as pa

    if any(isinstance(answer, frozenset) for answer in answers):
        return pa.array([None if answer is None else sorted(answer) for answer in answers], pa.list_(pa.int64()))
    return pa.array([_stored(answer) for answer in answers])


def from_column(column: "pa.ChunkedArray") -> list[Any]:
    """Return what :func:`to_column` was given: the type of the column tells sets from spans."""
    import pyarrow as pa

    answers = column.to_pylist()
    if column.type == pa.list_(pa.int64()):
        return [None if answer is None else frozenset(answer) for answer in answers]
    return [_restored(answer) for answer in answers]


def _stored(answer: Any) -> Any:
    return [{"text": span.text, "start": span.start} for span in answer] if isinstance(answer, tuple) else answer


def _restored(stored: Any) -> Any:
    return tuple(Span(**span) for span in stored) if isinstance(stored, list) else stored
