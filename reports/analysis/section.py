"""All that is known of one set of runs that compare: what pages, tables and plots are made from."""

from dataclasses import dataclass

from reports.analysis.comparison import Comparison
from reports.analysis.notes import notes
from reports.analysis.statistics import NO_ANALYSIS, Analysis
from reports.evidence import banners
from reports.evidence.results import Evidence


@dataclass(frozen=True, kw_only=True)
class Section:
    """All that is known of one set of runs that compare."""

    evidence: Evidence
    comparison: Comparison
    analysis: Analysis = NO_ANALYSIS

    @property
    def title(self) -> str:
        """What it is about."""
        return banners.title(self.evidence)

    @property
    def banners(self) -> list[str]:
        """What must stand beside everything that is shown of it."""
        return banners.banners(self.evidence)

    @property
    def notes(self) -> list[str]:
        """What the signs and words of its comparison mean."""
        return notes(self.comparison, self.evidence, self.analysis)
