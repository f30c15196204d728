"""``index.html``: one file that needs no other, from its templates."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.markup import printable, writable
from harness.system.files import slug
from reports.analysis.conclusions import conclusions
from reports.analysis.published import published_values
from reports.analysis.section import Section
from reports.evidence import banners
from reports.evidence.banners import heading
from reports.page import costs, details
from reports.page.inline_plots import InlinePlots
from reports.page.leaderboard import Leaderboard, caption, leaderboard
from reports.page.model import model_sections
from reports.page.pairings import pairings
from reports.page.task import Context, published_of, task_section
from reports.plots.view import view_of

TEMPLATES = Path(__file__).parent / "templates"
MAX_OPEN_MODELS = 8
"""With more models, each one's section is folded."""
_UNSAFE = re.compile("[<>&\u2028\u2029]")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a set of runs stands in the page: what its ids begin with, the level of its headings, and the report."""

    prefix: str
    level: int
    folder: Path


def index_page(sections: Sequence[Section], folder: Path) -> str:
    """Return the page about some sets of runs, which lies in ``folder``."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["embedded"] = embedded
    evidences = [section.evidence for section in sections]
    several = len(sections) > 1
    page = environment.get_template("page.html.j2").render(
        title=heading(evidences),
        styles=_inlined("styles.css"),
        script=_inlined("page.js"),
        warnings=banners.warnings(evidences),
        groups=[
            _group(section, Place(prefix=f"set{number}-" if several else "", level=3 if several else 2, folder=folder))
            for number, section in enumerate(sections, 1)
        ],
    )
    return printable(page)


def embedded(value: object) -> Markup:
    """Return JSON that may stand in a script element: nothing in it can end the element or begin markup."""
    text = json.dumps(writable(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(_UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def anchors(names: Iterable[str], prefix: str) -> dict[str, str]:
    """Return an id for each name: readable, safe in a link, and no two the same."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for number, name in enumerate(names, 1):
        short = f"{prefix}{slug(name).lower().replace('.', '-') or number}"
        anchor = short if short not in taken else f"{short}--{number}"
        taken.add(anchor)
        found[name] = anchor
    return found


def _inlined(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _group(section: Section, place: Place) -> dict[str, Any]:
    """Return the values of one set of runs."""
    evidence, comparison, analysis = section.evidence, section.comparison, section.analysis
    board = leaderboard(evidence, comparison, analysis)
    context = _context(section, place, [entry.label for entry in board.entries])
    tasks = {task: task_section(context, task) for task in evidence.tasks}
    model_anchors = anchors(context.labels, f"{place.prefix}model-")
    return {
        "place": place,
        "label": banners.group_label(evidence),
        "title": section.title,
        "banners": section.banners,
        "sentences": conclusions(evidence, comparison, analysis),
        "board": board,
        "bars": [bar(board, entry.mean or (entry.scores[0] if entry.scores else None)) for entry in board.entries],
        "caption": caption(analysis),
        "notes": section.notes,
        "published": published_of(context, None),
        "pairings": pairings(analysis, None, context.best) if comparison.mean_name else None,
        "means": context.plots.means() if comparison.mean_name and analysis.means else None,
        "num_best": len(context.best),
        "costs": _costs(context),
        "tasks": list(tasks.values()),
        "models": model_sections(context, tasks, model_anchors),
        "model_anchors": model_anchors,
        "has_folded_tasks": context.plots.is_brief,
        "has_folded_models": len(context.labels) > MAX_OPEN_MODELS,
        "run": _run(section, place.folder),
    }


def _context(section: Section, place: Place, labels: Sequence[str]) -> Context:
    evidence, analysis, view = section.evidence, section.analysis, view_of(section)
    task_anchors = anchors(evidence.tasks, f"{place.prefix}task-")
    return Context(
        evidence=evidence,
        comparison=section.comparison,
        analysis=analysis,
        plots=InlinePlots(view=view, analysis=analysis, prefix=f"{place.prefix}plot-", anchors=task_anchors),
        labels=labels,
        best=[label for label in labels if label in view.styles],
        published=published_values(evidence, analysis),
    )


def _costs(context: Context) -> dict[str, Any]:
    """Return what is drawn of costs, what is not and why, and the tables."""
    plots, reasons = context.plots.costs()
    evidence = context.evidence
    return {
        "plots": plots,
        "reasons": reasons,
        "table": costs.costs(evidence),
        "limits": costs.limits(evidence),
    }


def bar(board: Leaderboard, score: Any) -> dict[str, float] | None:
    """Return where an interval and its value stand on the board's scale, in percent; ``None`` without an interval."""
    if score is None or score.low != score.low:
        return None
    low, high = board.scale
    left, value, right = (100 * (end - low) / (high - low) for end in (score.low, score.value, score.high))
    return {"left": round(left, 2), "width": round(right - left, 2), "value": round(value, 2)}


def _run(section: Section, folder: Path) -> Mapping[str, Any]:
    """Return what the runs were."""
    evidence = section.evidence
    return {
        "runs": evidence.runs,
        "source_notes": banners.source_notes(evidence),
        "data": details.data(evidence),
        "machines": details.machines(evidence),
        "versions": details.versions(evidence),
        "commands": [command for run in evidence.runs for command in run.info.commands],
        "failures": details.failures(evidence, folder),
        "unsupported": details.unsupported(evidence),
    }
