"""The comparison alone, as a page in Markdown and as LaTeX."""

from collections.abc import Sequence

from harness.markup import escape_markdown
from reports import banners as notices
from reports.banners import heading
from reports.formats import comparison
from reports.section import Section


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
        parts.append(comparison.comparison_markdown(section.comparison, section.analysis))
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
            comparison.comparison_latex(section.comparison, section.analysis, caption=caption, notes=section.notes)
        )
    return "\n".join(texts)
