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
from reports.analysis.cautions import cautions
from reports.analysis.conclusions import conclusions
from reports.analysis.pretraining import pretraining_worth, worth_table
from reports.analysis.published import published_values
from reports.analysis.section import Section
from reports.analysis.verdict import caution, verdict
from reports.evidence import banners
from reports.evidence.banners import heading
from reports.evidence.results import Evidence
from reports.page import costs, details
from reports.page.inline_plots import InlinePlots
from reports.page.leaderboard import NUM_COSTS_FIRST, Leaderboard, caption, leaderboard
from reports.page.model import model_sections
from reports.page.pairings import pairings
from reports.page.task import Context, published_of, task_section
from reports.plots import tradeoff
from reports.plots.view import view_of
from reports.text.names import without_shared_prefix

TEMPLATES = Path(__file__).parent / "templates"
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
        script=_inlined("models.js") + _inlined("page.js"),
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
    found = cautions(evidence, analysis)  # which takes a while
    board = leaderboard(evidence, comparison, analysis, found)
    context = _context(section, place, [entry.label for entry in board.entries])
    tasks = {task: task_section(context, task) for task in evidence.tasks}
    beside = context.plots.beside()
    model_anchors = anchors(context.labels, f"{place.prefix}model-")
    return {
        "place": place,
        "label": banners.group_label(evidence),
        "title": section.title,
        "banners": section.banners,
        "scope": scope(evidence),
        "names": without_shared_prefix([entry.label for entry in board.entries]),
        "verdict": verdict(evidence, comparison, analysis),
        "caution": caution(found, evidence),
        "sentences": conclusions(evidence, comparison, analysis),
        "board": board,
        "bars": [bar(board, entry.mean or (entry.scores[0] if entry.scores else None)) for entry in board.entries],
        "caption": caption(analysis),
        "notes": section.notes,
        "published": published_of(context, None),
        "beside": beside,
        "num_costs_first": NUM_COSTS_FIRST,
        "pairings": pairings(analysis, None, context.best) if comparison.mean_name else None,
        "means": context.plots.means() if comparison.mean_name and analysis.means else None,
        "num_best": len(context.best),
        "costs": _costs(context, has_beside=beside is not None),
        "tasks": list(tasks.values()),
        "models": model_sections(context, tasks, model_anchors),
        "model_anchors": model_anchors,
        "run": _run(section, place.folder),
    }


def scope(evidence: Evidence) -> str:
    """Return in a line what is compared on what: ``4 models on 9 tasks, 1 seed, validation examples``."""
    seeds = max((run.info.num_seeds for run in evidence.runs), default=1)
    counts = [f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in
              ((len(evidence.models), "model"), (len(evidence.tasks), "task"), (seeds, "seed"))]  # fmt: skip
    splits = dict.fromkeys(split.partition("_")[0] for r in evidence.every_result for split in r.scores)
    examples = f", {' and '.join(splits)} examples" if splits else ""
    return f"{counts[0]} on {counts[1]}, {counts[2]}{examples}"


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


def _costs(context: Context, *, has_beside: bool) -> dict[str, Any]:
    """Return what is drawn of costs, what is not and why, and the tables."""
    plots, reasons = context.plots.costs()
    if not has_beside:
        reasons = [f"{tradeoff.LATENCY.title} is not drawn: {tradeoff.LATENCY.needs}.", *reasons]
    evidence = context.evidence
    return {
        "plots": plots,
        "reasons": reasons,
        "table": costs.costs(evidence, context.labels),
        "limits": costs.limits(evidence, context.labels),
        "worth": worth_table(evidence, pretraining_worth(evidence, context.analysis)),
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
