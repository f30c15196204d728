"""The comparison alone, as a page in Markdown and as LaTeX."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.markup import escape_markdown
from reports import notices, tables
from reports.analysis import Analysis
from reports.comparison import Comparison
from reports.evidence import Evidence
from reports.plots.view import View, make_view


@dataclass(frozen=True, kw_only=True)
class Section:
    """All that a report is made from about one set of runs that compare."""

    evidence: Evidence
    comparison: Comparison
    analysis: Analysis = tables.NO_ANALYSIS

    @property
    def view(self) -> View:
        """What its plots show."""
        evidence = self.evidence
        return make_view(evidence, self.comparison, notices.title(evidence), notices.banners(evidence))

    @property
    def notes(self) -> list[str]:
        """What the signs and words of its comparison mean."""
        return tables.notes(self.comparison, self.evidence, self.analysis)


def heading(evidences: Sequence[Evidence]) -> str:
    """Return the title of everything together."""
    return " and ".join(dict.fromkeys(map(notices.title, evidences)))


def comparison_page(sections: Sequence[Section]) -> str:
    """Return the comparison with its banners and notes, as Markdown."""
    evidences = [section.evidence for section in sections]
    parts = [f"# {escape_markdown(heading(evidences))}"]
    parts += [f"> **Warning:** {escape_markdown(warning)}" for warning in notices.warnings(evidences)]
    for section in sections:
        evidence = section.evidence
        if len(sections) > 1:
            parts.append(f"## Runs {escape_markdown(notices.group_label(evidence))}")
        parts += [f"> **{escape_markdown(banner)}**" for banner in notices.banners(evidence)]
        parts.append(tables.comparison_markdown(section.comparison, section.analysis))
        parts.append("\n".join(f"- {escape_markdown(note)}" for note in section.notes))
    return "\n\n".join(parts) + "\n"


def comparison_latex(sections: Sequence[Section]) -> str:
    """Return the comparison as LaTeX, a table a set of runs, the banners in the caption."""
    texts = []
    for section in sections:
        evidence = section.evidence
        banners = notices.banners(evidence)
        caption = notices.title(evidence) + (f" ({'; '.join(banners)})" if banners else "")
        texts.append(
            tables.comparison_latex(section.comparison, section.analysis, caption=caption, notes=section.notes)
        )
    return "\n".join(texts)
