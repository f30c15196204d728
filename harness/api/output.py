"""The kinds of answer: a closed sum, so that ``match`` on it is checked by mypy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """One of some labels. Targets and predictions are indices into ``labels``."""

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


Output = Classification | Regression | Extraction
