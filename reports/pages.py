"""Pages in Markdown: ``index.md`` from its Jinja2 template, and the comparison alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports import details, notices, tables
from reports.analysis import Analysis
from reports.comparison import Comparison
from reports.evidence import Evidence
from reports.markup import escape_markdown, fenced
from reports.plots import Drawn

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class Section:
    """All that the page says about one set of runs that compare."""

    evidence: Evidence
    comparison: Comparison
    drawn: Sequence[Drawn]
    analysis: Analysis = tables.NO_ANALYSIS


def index_page(sections: Sequence[Section], folder: Path) -> str:
    """Return ``index.md``, which lies in ``folder``."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # it is Markdown: text from data goes through ``md``
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = escape_markdown
    evidences = [section.evidence for section in sections]
    return environment.get_template("index.md.j2").render(
        title=heading(evidences),
        warnings=notices.warnings(evidences),
        groups=[_group(section, folder) for section in sections],
    )


def heading(evidences: Sequence[Evidence]) -> str:
    """Return the title of everything together."""
    return " and ".join(dict.fromkeys(map(notices.title, evidences)))


def _group(section: Section, folder: Path) -> dict[str, Any]:
    evidence = section.evidence
    commands = [command for run in evidence.runs for command in run.info.commands]
    return {
        "label": notices.group_label(evidence),
        "title": notices.title(evidence),
        "banners": notices.banners(evidence),
        "comparison": tables.comparison_markdown(section.comparison, section.analysis),
        "notes": tables.notes(section.comparison, evidence, section.analysis),
        "drawn": section.drawn,
        "scores": [(evidence.task_title(task), details.scores_of_task(evidence, task)) for task in evidence.tasks],
        "costs": details.costs(evidence),
        "limits": details.limits(evidence),
        "settings": details.settings(evidence),
        "training_notes": details.training_notes(evidence),
        "failures": details.failures(evidence, folder),
        "unsupported": details.unsupported(evidence),
        "source_notes": notices.source_notes(evidence),
        "data": details.data(evidence),
        "runs": evidence.runs,
        "machines": details.machines(evidence),
        "commands": fenced(commands) if commands else "",
    }


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
        notes = tables.notes(section.comparison, evidence, section.analysis)
        parts.append("\n".join(f"- {escape_markdown(note)}" for note in notes))
    return "\n\n".join(parts) + "\n"


def comparison_latex(sections: Sequence[Section]) -> str:
    """Return the comparison as LaTeX, a table a set of runs, the banners in the caption."""
    texts = []
    for section in sections:
        evidence = section.evidence
        banners = notices.banners(evidence)
        caption = notices.title(evidence) + (f" ({'; '.join(banners)})" if banners else "")
        notes = tables.notes(section.comparison, evidence, section.analysis)
        texts.append(tables.comparison_latex(section.comparison, section.analysis, caption=caption, notes=notes))
    return "\n".join(texts)
