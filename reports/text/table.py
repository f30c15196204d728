"""A table as plain texts, before it is HTML; whatever shows it escapes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Table:
    """Texts in rows and columns: the first ``num_texts`` columns hold words, the others numbers."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    num_texts: int = 1


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, num_texts: int = 1) -> Table | None:
    """Return a table, or ``None`` if it has no rows."""
    body = tuple(tuple(row) for row in rows)
    assert all(len(row) == len(head) for row in body), "each row has a cell a column"
    return Table(caption=caption, head=tuple(head), rows=body, num_texts=num_texts) if body else None
