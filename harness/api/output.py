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


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModelling:
    """How probable a text is: a document an example. Targets are its bytes in UTF-8, predictions log-probabilities.

    With ``pseudo`` each token is predicted from what stands on both sides of it, and their sum is the text's
    pseudo-log-likelihood (Salazar et al. 2020): no probability of a text, so it never stands beside one.
    """

    pseudo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimalPairs:
    """Which of two sentences is more probable: ``Example.text``, which is acceptable, or ``Example.pair``.

    Targets are 0, the first; a prediction is 1 where the second is as probable or more so.
    """


Output = Classification | MultiLabel | Regression | Extraction | LanguageModelling | MinimalPairs


def output_record(output: Output) -> dict[str, Any]:
    """Return an output as JSON values: its fields, and as ``kind`` the name of its class."""
    return {"kind": type(output).__name__, **asdict(output)}
