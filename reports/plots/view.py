"""What all plots share: which models they show, in which colours and markers, and under which banners."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from matplotlib.figure import Figure

from harness.markup import one_line
from reports.analysis.comparison import Comparison
from reports.analysis.section import Section
from reports.analysis.statistics import NO_ANALYSIS, Analysis
from reports.evidence.results import Evidence
from reports.plots.hover import hover
from reports.text.names import without_shared_prefix

MAX_MODELS = 12
MAX_TASKS = 12
MAX_NAME = 34

# Okabe and Ito (2008), "Color universal design". Their yellow is left out, as it is too pale for lines on white, and
# their black comes last. Marker and dash change with each model too, so that colour is never the only difference.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "*", "h")
DASHES = ((0, ()), (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)), (0, (3, 1, 1, 1, 1, 1)))


@dataclass(frozen=True, kw_only=True)
class Style:
    """How one model looks in every plot."""

    colour: str
    marker: str
    dashes: tuple[int, tuple[float, ...]]
    name: str
    """Its label, shortened in the middle."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """What stands above every drawing: what is shown, and the banners."""

    title: str
    banners: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class View:
    """The evidence as the plots show it."""

    evidence: Evidence
    comparison: Comparison
    header: Header | None
    """``None`` for a page that says the title, the notes and the banners itself."""
    styles: Mapping[str, Style]
    """The models that are shown, by label."""
    analysis: Analysis = NO_ANALYSIS

    @property
    def bare(self) -> "View":
        """The same view, drawn without a header."""
        return replace(self, header=None)

    def gid(self, label: str, *texts: str) -> str | None:
        """Return what a model's mark, or each of its markers, says in a page when pointed at; ``None`` for a file."""
        return hover(label, *texts) if self.header is None else None

    @property
    def models_note(self) -> str:
        """Which models are left out, if any are."""
        total = len(self.evidence.models)
        return f"{len(self.styles)} of {total} models: those with the best means" if total > len(self.styles) else ""

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that plots by task can show."""
        return self.evidence.tasks[:MAX_TASKS]

    @property
    def tasks_note(self) -> str:
        """Which tasks are left out of plots by task, if any are."""
        total = len(self.evidence.tasks)
        return f"The first {MAX_TASKS} of {total} tasks" if total > MAX_TASKS else ""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A figure, and what must be said beside it. It is to be saved within the ``settings`` that it was drawn in."""

    figure: Figure
    alt: str
    """What one sees, in words."""
    notes: tuple[str, ...] = ()
    """What is shown, how, and what is left out, in sentences without a full stop."""


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One kind of plot. ``draw`` gives ``None`` where there is nothing to show, which ``needs`` then explains."""

    name: str
    title: str
    alt: str
    needs: str
    draw: Callable[[View], Drawing | None]


@dataclass(frozen=True, kw_only=True)
class Common:
    """Models and the tasks that all of them were measured on: means over tasks compare only over the same ones."""

    tasks: tuple[str, ...]
    models: tuple[str, ...]
    omitted: tuple[str, ...]
    """Models that were measured, but on too few tasks."""


def view_of(section: Section) -> View:
    """Return what the plots of a set of runs show."""
    view = make_view(section.evidence, section.comparison, section.title, section.banners)
    return replace(view, analysis=section.analysis)


def make_view(evidence: Evidence, comparison: Comparison, title: str, banners: Iterable[str]) -> View:
    """Choose the models to show: all of them, or as many of the best as the eye can distinguish."""
    best = {row.model for row in comparison.ranking()[:MAX_MODELS]}
    labels = list(evidence.models)
    shown = labels if len(labels) <= MAX_MODELS else [label for label in labels if label in best]
    header = Header(title=title, banners=tuple(banners))
    return View(evidence=evidence, comparison=comparison, header=header, styles=make_styles(shown))


def make_styles(labels: Sequence[str]) -> dict[str, Style]:
    """Return a look for each model; no two of the first ``MAX_MODELS`` share colour and marker."""
    names = distinct(map(short, without_shared_prefix(labels).values()))
    return {
        label: Style(
            colour=COLOURS[index % len(COLOURS)],
            marker=MARKERS[index % len(MARKERS)],
            dashes=DASHES[index % len(DASHES)],
            name=name,
        )
        for index, (label, name) in enumerate(zip(labels, names, strict=True))
    }


def distinct(names: Iterable[str]) -> list[str]:
    """Number those names that shortening has made equal to an earlier one."""
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return distinct


def short(label: str, *, length: int = MAX_NAME) -> str:
    """Return a label that fits: both ends of a long one, and never a first ``_``, which would hide it in a legend."""
    text = one_line(label)
    end = length // 4
    text = text if len(text) <= length else f"{text[: length - end - 1]}…{text[-end:]}"
    return f" {text}" if text.startswith("_") else text


def common(measured: Mapping[str, Sequence[str]]) -> Common:
    """Return as many models as have in common at least half of the tasks of the model that was measured on most.

    ``measured`` gives the tasks on which each model was measured, in the order of the suite.
    """
    models = sorted(measured, key=lambda model: -len(measured[model]))
    tasks = list(measured[models[0]]) if models else []
    enough = len(tasks) / 2
    kept = set()
    for model in models:
        shared = [task for task in tasks if task in measured[model]]
        if shared and len(shared) >= enough:
            tasks = shared
            kept.add(model)
    return Common(
        tasks=tuple(tasks),
        models=tuple(model for model in measured if model in kept),
        omitted=tuple(model for model in measured if model not in kept),
    )


def over_tasks(values: Iterable[float], num_tasks: int) -> float:
    """Return the median of one value a task, of which there must be ``num_tasks``."""
    found = list(values)
    assert len(found) == num_tasks, "a median over tasks needs a value of each"
    return median(found)


def tasks_text(view: View, tasks: Sequence[str]) -> str:
    """Return the tasks as a note names them: all by title, or their number where there are many."""
    titles = [short(view.evidence.task_title(task), length=20) for task in tasks]
    return (
        titles[0]
        if len(titles) == 1
        else f"{len(titles)} tasks" + (f" ({', '.join(titles)})" if len(titles) < 5 else "")
    )


def omitted_text(models: Sequence[str]) -> str:
    """Return a note of the models that are not shown for want of measurements; empty if there are none."""
    return f"Not shown, measured on too few tasks: {', '.join(map(short, models))}" if models else ""
