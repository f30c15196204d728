"""Published figures beside ours: ``published.csv``, and what each says about a model of the evidence."""

from dataclasses import dataclass
from typing import Literal

from harness.statistics import Estimate
from reports.analysis import Analysis
from reports.evidence import Evidence

Verdict = Literal["inside what seeds and examples explain", "outside", "not comparable"]


@dataclass(frozen=True, kw_only=True)
class PublishedFigure:
    """A row of ``published.csv``: what somebody else found, and how."""

    model: str
    """As its source calls it."""
    task: str
    figures: tuple[str, ...]
    """Our names of the figure that it is; several where the source does not say which one."""
    split: str
    """Our name of the split; ``test`` for a hidden one."""
    value: float
    """In percent."""
    conditions: str
    source: str

    @property
    def figure_text(self) -> str:
        """The figure in words: ``F1``, or ``F1 or accuracy, not stated``."""
        return " or ".join(self.figures)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A published figure beside the same of ours."""

    task: str
    label: str
    """The model of ours, by its label in the evidence."""
    published: PublishedFigure
    ours: dict[str, Estimate]
    """By figure, for each that the published one may be; empty where we have none on that split."""
    verdict: Verdict
    reasons: tuple[str, ...]
    """Sentences: what would mislead in this comparison; never empty if they are not comparable."""


def published_figures(evidence: Evidence, analysis: Analysis) -> list[Beside]:
    """Return each published figure that is known for a pair of the evidence, in the order of tasks, then of models."""
    return []


def published_table(besides: list[Beside], evidence: Evidence) -> list[list[str]]:
    """Return plain cells, a head first: task, model, theirs, figure, split, ours, verdict, reasons, source."""
    return []
