"""A model's section of the page: its settings, its cost, and where it is strong and weak."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from reports.analysis.conclusions import interval, listed
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence
from reports.page import details
from reports.page.details import Settings
from reports.page.task import Context, TaskSection
from reports.text.numbers import digits, mean_of_known, milliseconds, number
from reports.text.table import Table, table

MAX_SLICES = 3


@dataclass(frozen=True, kw_only=True)
class ModelSection:
    """All that the page says of one model."""

    label: str
    anchor: str
    run: str
    settings: Settings | None
    verdicts: list[str]
    """Strengths and weaknesses, in sentences."""
    by_task: Table | None
    notes: list[str]
    """Of its trainings."""


@dataclass(frozen=True, kw_only=True)
class Rivals:
    """The models that one is significantly ahead of, and behind."""

    ahead: tuple[str, ...]
    behind: tuple[str, ...]
    num_tested: int


def model_sections(
    context: Context, tasks: Mapping[str, TaskSection], anchors: Mapping[str, str]
) -> list[ModelSection]:
    """Return a section a model, in the order of ``anchors``, which give their ids."""
    evidence = context.evidence
    rivals = {task: _rivals(context.analysis, task) for task in evidence.tasks}
    several = len(evidence.runs) > 1
    return [
        ModelSection(
            label=label,
            anchor=anchor,
            run=evidence.models[label].label if several else "",
            settings=details.settings(evidence, label),
            verdicts=[
                *_verdicts(evidence, label, {task: found.get(label) for task, found in rivals.items()}),
                *_weak_slices(tasks, label),
                *_worst_calibration(context, label),
            ],
            by_task=_by_task(context, label, {task: found.get(label) for task, found in rivals.items()}),
            notes=details.training_notes(evidence, label),
        )
        for label, anchor in anchors.items()
    ]


def _rivals(analysis: Analysis, task: str) -> dict[str, Rivals]:
    """Return by model whom it is significantly ahead of and behind on a task."""
    ahead: dict[str, list[str]] = {}
    behind: dict[str, list[str]] = {}
    tested: dict[str, int] = {}
    for test in analysis.tests.get(task, ()):
        for label in (test.first, test.second):
            tested[label] = tested.get(label, 0) + 1
        if test.differs:
            better, worse = (test.first, test.second) if test.difference > 0 else (test.second, test.first)
            ahead.setdefault(better, []).append(worse)
            behind.setdefault(worse, []).append(better)
    return {
        label: Rivals(ahead=tuple(ahead.get(label, ())), behind=tuple(behind.get(label, ())), num_tested=count)
        for label, count in tested.items()
    }


def _verdicts(evidence: Evidence, label: str, rivals: Mapping[str, Rivals | None]) -> list[str]:
    known = {evidence.task_title(task): found for task, found in rivals.items() if found}
    kinds = {
        "Significantly better than every other model on": [t for t, r in known.items() if len(r.ahead) == r.num_tested],
        "Significantly worse than every other model on": [t for t, r in known.items() if len(r.behind) == r.num_tested],
        "Significantly better than some models, worse than none, on": [
            t for t, r in known.items() if 0 < len(r.ahead) < r.num_tested and not r.behind
        ],
        "Significantly worse than some models, better than none, on": [
            t for t, r in known.items() if 0 < len(r.behind) < r.num_tested and not r.ahead
        ],
        "Not significantly different from any other model on": [
            t for t, r in known.items() if not r.ahead and not r.behind
        ],
    }
    return [f"{what} {listed(tasks)}." for what, tasks in kinds.items() if tasks]


def _weak_slices(tasks: Mapping[str, TaskSection], label: str) -> list[str]:
    """Return the slices where a model falls farthest below its own score on the task."""
    falls = [
        (part.scores[label] - section.overall[label], section.title, part)
        for section in tasks.values()
        for part in section.slice_scores
        if label in part.scores and part.slice.family != "gold label" and label in section.overall
    ]
    worst = [fall for fall in sorted(falls, key=lambda fall: fall[:2]) if fall[0] < -1][:MAX_SLICES]
    texts = [
        f"{title}, {part.slice.family} {part.slice.name} ({number(part.scores[label])}, {number(-fall)} below; "
        f"n = {part.slice.size})"
        for fall, title, part in worst
    ]
    return [f"Weakest slices: {'; '.join(texts)}."] if texts else []


def _worst_calibration(context: Context, label: str) -> list[str]:
    found = {
        task: context.analysis.calibration[task, label].error
        for task in context.evidence.tasks
        if (task, label) in context.analysis.calibration
    }
    if not found:
        return []
    worst = max(found, key=lambda task: found[task])
    if len(found) == 1:
        return [f"ECE {100 * found[worst]:.1f} %."]
    mean = f"Mean ECE {100 * fmean(found.values()):.1f} %"
    return [f"{mean}, largest on {context.evidence.task_title(worst)}: {100 * found[worst]:.1f} %."]


def _by_task(context: Context, label: str, rivals: Mapping[str, Rivals | None]) -> Table | None:
    head = [
        "task",
        "score",
        "better than",
        "worse than",
        "training, core s",
        "latency p50, ms",
        "examples/s",
        "parameters",
    ]
    rows = (_task_row(context, task, label, rivals[task]) for task in context.evidence.tasks)
    return table(f"{label} by task", head, filter(None, rows))


def _task_row(context: Context, task: str, label: str, rivals: Rivals | None) -> list[str]:
    evidence = context.evidence
    results, speed = evidence.results.get((task, label)), evidence.speeds.get((task, label))
    if not results:
        return []
    score = number(fmean(result.score for result in results), results[0].unit)
    estimate = context.analysis.scores.get((task, label))
    seconds, size = mean_of_known(result.fit_core_seconds for result in results), results[0].model.num_parameters
    spread = f" {interval(estimate.low, estimate.high)}" if estimate and estimate.low == estimate.low else ""
    return [
        evidence.task_title(task),
        f"{score}{spread}",
        _counted(rivals.ahead, rivals.num_tested) if rivals else "",
        _counted(rivals.behind, rivals.num_tested) if rivals else "",
        digits(seconds) if seconds is not None else "",
        milliseconds(speed.latency_quantiles["p50"]) if speed else "",
        f"{max(speed.examples_per_second.values()):,.0f}" if speed else "",
        f"{size:,}" if size is not None else "",
    ]


def _counted(labels: Sequence[str], num_tested: int) -> str:
    return f"{len(labels)} of {num_tested}"
