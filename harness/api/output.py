"""The kinds of answer: a closed sum, so that ``match`` on it is checked by mypy."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """One of some labels. Targets and predictions are indices into ``labels``."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiLabel:
    """Any number of some labels, none included. Targets and predictions are frozen sets of indices into ``labels``."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """A number, in the data's own unit, where targets lie between ``low`` and ``high``; predictions are not clipped."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """A span of the passage (``Example.pair``) that answers the question; with ``unanswerable``, perhaps none."""

    unanswerable: bool


Output = Classification | MultiLabel | Regression | Extraction


def output_record(output: Output) -> dict[str, Any]:
    """Return an output as JSON values: its fields, and as ``kind`` the name of its class."""
    return {"kind": type(output).__name__, **asdict(output)}
