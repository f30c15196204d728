"""All that a report's tables say, as the texts that it keeps in ``comparison.json``."""

from collections.abc import Sequence

from reports.analysis.families import Family
from reports.analysis.section import Section
from reports.evidence import banners
from reports.formats.comparison import comparison_table
from reports.formats.comparison_table import ComparedRuns, ComparisonPage
from reports.formats.families import family_table
from reports.formats.ranking import ranking


def comparison_page(sections: Sequence[Section], families: Sequence[Sequence[Family]] = ()) -> ComparisonPage:
    """Return the comparisons of a report, with their banners and notes, and each section's families."""
    evidences = [section.evidence for section in sections]
    return ComparisonPage(
        heading=banners.heading(evidences),
        warnings=tuple(banners.warnings(evidences)),
        sets=tuple(
            ComparedRuns(
                label=banners.group_label(section.evidence),
                title=section.title,
                banners=tuple(section.banners),
                table=comparison_table(section.comparison, section.analysis),
                ranking=ranking(section),
                notes=tuple(section.notes),
                families=tuple(map(family_table, parts)),
            )
            for section, parts in zip(sections, families or [()] * len(sections), strict=True)
        ),
    )
