"""Targets and predicted values as a Parquet column: each kind of answer has a column type of its own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harness.api.example import Span

if TYPE_CHECKING:
    import pyarrow as pa


def to_column(answers: Sequence[Any]) -> "pa.Array":
    """Return indices, numbers and texts as they are, and spans as structs ``{text, start}``."""
    import pyarrow as pa

    return pa.array([_stored(answer) for answer in answers])


def from_column(column: "pa.ChunkedArray") -> list[Any]:
    """Return what :func:`to_column` was given."""
    return [_restored(stored) for stored in column.to_pylist()]


def _stored(answer: Any) -> Any:
    return [{"text": span.text, "start": span.start} for span in answer] if isinstance(answer, tuple) else answer


def _restored(stored: Any) -> Any:
    return tuple(Span(**span) for span in stored) if isinstance(stored, list) else stored
