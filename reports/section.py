"""All that a report is made from about one set of runs that compare."""

from dataclasses import dataclass

from reports import banners
from reports.analysis.comparison import Comparison
from reports.analysis.notes import notes
from reports.analysis.statistics import NO_ANALYSIS, Analysis
from reports.evidence.results import Evidence
from reports.plots.view import View, make_view


@dataclass(frozen=True, kw_only=True)
class Section:
    """All that a report is made from about one set of runs that compare."""

    evidence: Evidence
    comparison: Comparison
    analysis: Analysis = NO_ANALYSIS

    @property
    def view(self) -> View:
        """What its plots show."""
        evidence = self.evidence
        return make_view(evidence, self.comparison, banners.title(evidence), banners.banners(evidence))

    @property
    def notes(self) -> list[str]:
        """What the signs and words of its comparison mean."""
        return notes(self.comparison, self.evidence, self.analysis)
