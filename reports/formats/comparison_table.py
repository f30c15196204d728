"""The comparison as texts: what its Markdown, its LaTeX and its tables on the terminal are all made from.

A report keeps it as ``comparison.json``, so that a report which is up to date is shown without being computed again.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from harness.system.sealed import read_bytes


@dataclass(frozen=True, kw_only=True)
class TableCell:
    """A text of the table, and whether its value is the best of the column."""

    text: str
    is_best: bool = False


@dataclass(frozen=True, kw_only=True)
class ComparisonTable:
    """A row a model: its name, its rank, a score a task, and the mean; whichever there are."""

    heads: tuple[tuple[str, str], ...]
    """Title, and the names of the metrics, of each column after the model's."""
    rows: tuple[tuple[TableCell, ...], ...]


@dataclass(frozen=True, kw_only=True)
class RankedModel:
    """A model as a terminal shows it; a text is empty where there is nothing to say."""

    rank: str
    """The ranks that it may have: ``2–3``."""
    model: str
    mean: TableCell
    interval: str
    """The mean's 95 % interval, else its deviation over seeds."""
    latency: str
    """The median over tasks of the latency p50, with its unit."""
    scores: tuple[TableCell, ...]
    """One a task."""
    note: str = ""
    """Why its mean does not compare with the others'."""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The comparison with the best model first. With one task alone the mean is its score, and ``tasks`` is empty."""

    mean: str
    """What the mean is called."""
    tasks: tuple[tuple[str, str], ...]
    """Title, and the names of the metrics, of each task."""
    models: tuple[RankedModel, ...]


@dataclass(frozen=True, kw_only=True)
class FamilyTable:
    """A task's scores by one family of tags: a row a part, with its number of examples and a column a model."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class ComparedRuns:
    """One set of runs that compare."""

    label: str
    """The names of the runs."""
    title: str
    banners: tuple[str, ...]
    table: ComparisonTable
    ranking: Ranking
    notes: tuple[str, ...]
    families: tuple[FamilyTable, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ComparisonPage:
    """The comparison of a report, one table for each set of runs that compare."""

    heading: str
    warnings: tuple[str, ...]
    sets: tuple[ComparedRuns, ...]


_PAGE = TypeAdapter(ComparisonPage)


def page_json(page: ComparisonPage) -> str:
    """Return the page as :func:`read_page` reads it."""
    return _PAGE.dump_json(page, indent=1).decode() + "\n"


def read_page(path: Path) -> ComparisonPage:
    """Return the page that a report keeps."""
    return _PAGE.validate_json(read_bytes(path))
