"""Two models against each other: every score of both, and the paired test of each, corrected for their number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.api.spelling import spelled
from harness.api.task import Task
from harness.errors import UsageError, did_you_mean
from harness.statistics.calibration import Calibration
from harness.statistics.comparison import PairedTest, holm
from harness.statistics.intervals import Estimate
from harness.store.run import Run
from reports.analysis.comparison import compare
from reports.analysis.constant import constant_notes
from reports.analysis.statistics import Analysis, analyse
from reports.evidence import banners
from reports.evidence.results import Evidence, read_evidence

MEAN = "mean"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One task of a comparison of two, or their mean over tasks."""

    task: str
    title: str
    first: Estimate
    second: Estimate
    test: PairedTest
    """Corrected over the tasks; that of the mean stands for itself."""
    calibration: tuple[Calibration | None, Calibration | None] = (None, None)


@dataclass(frozen=True, kw_only=True)
class HeadToHead:
    """All that can be said of two models with predictions for the same examples."""

    first: str
    second: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    """Banners, and what could not be computed."""


def head_to_head(runs: Sequence[Run], names: Sequence[str], tasks: Mapping[str, Task]) -> list[HeadToHead]:
    """Compare two models of one run, or of two runs the models that both have; ``names`` chooses among them.

    Raises:
        UsageError: there are no two models to compare, or the runs do not compare.
    """
    groups = read_evidence(runs)
    if len(groups) > 1:
        raise UsageError(" ".join(banners.warnings(groups)))
    (evidence,) = groups
    return [_compare(_narrowed(evidence, pair), pair, tasks) for pair in _pairs(evidence, names)]


def _pairs(evidence: Evidence, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the labels of each two models to compare."""
    by_run = [
        {name: _label(evidence, run.label, name) for name in run.models if _label(evidence, run.label, name)}
        for run in evidence.runs
    ]
    known = sorted({name for models in by_run for name in models})
    names = [spelled(name, known) for name in names]
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"--model {unknown[0]}: no run has it; there are: {', '.join(known)}."
                         f"{did_you_mean(unknown[0], known)}")  # fmt: skip
    if len(by_run) == 1:
        chosen = list(names) or list(by_run[0])
        if len(chosen) != 2:
            raise UsageError(
                f"compare: found {len(chosen)} models ({', '.join(chosen)}), expected two; name them with --model."
            )
        return [(by_run[0][chosen[0]], by_run[0][chosen[1]])]
    first, second = by_run
    if len(names) == 2 and names[0] in first and names[1] in second:
        return [(first[names[0]], second[names[1]])]
    common = [name for name in (names or first) if name in first and name in second]
    if common:
        return [(first[name], second[name]) for name in common]
    if not names and len(first) == len(second) == 1:
        return list(zip(first.values(), second.values(), strict=True))
    raise UsageError(
        f"compare: the runs have no model in common ({', '.join(first)}; {', '.join(second)}); "
        "name one of each with --model A --model B."
    )


def _label(evidence: Evidence, run: str, name: str) -> str:
    """Return the label that a run's model goes by, or nothing if it has no results."""
    found = (label for label, stored in evidence.models.items() if stored.label == run)
    return next((label for label in found if label in {name, f"{name} ({run})"}), "")


def _narrowed(evidence: Evidence, labels: tuple[str, str]) -> Evidence:
    """Return the evidence of some models alone."""
    return replace(evidence, models={label: evidence.models[label] for label in labels})


def _compare(evidence: Evidence, pair: tuple[str, str], tasks: Mapping[str, Task]) -> HeadToHead:
    comparison = compare(evidence)
    analysis = analyse(evidence, comparison, tasks)
    tested = {task: test for task in evidence.tasks if (test := analysis.test(task, *pair))}
    corrected = holm(np.array([test.p_value for test in tested.values()]))
    lines = [
        _line(evidence, analysis, task, replace(test, p_holm=float(p)))
        for (task, test), p in zip(tested.items(), corrected, strict=True)
    ]
    mean = analysis.test(None, *pair)
    if mean and comparison.mean_name:
        first, second = (analysis.means[label] for label in pair)
        lines.append(Line(task=MEAN, title=comparison.mean_name, first=first, second=second, test=mean))
    notes = [
        *banners.banners(evidence),
        *_single_seed(lines),
        *comparison.reasons_without_mean,
        *constant_notes(analysis.constant, evidence),
        *analysis.reasons,
    ]
    return HeadToHead(first=pair[0], second=pair[1], lines=tuple(lines), notes=tuple(notes))


def _line(evidence: Evidence, analysis: Analysis, task: str, test: PairedTest) -> Line:
    return Line(
        task=task,
        title=evidence.task_title(task),
        first=analysis.scores[task, test.first],
        second=analysis.scores[task, test.second],
        test=test,
        calibration=(analysis.calibration.get((task, test.first)), analysis.calibration.get((task, test.second))),
    )


def _single_seed(lines: Iterable[Line]) -> list[str]:
    if any(1 in (line.first.num_seeds, line.second.num_seeds) for line in lines):
        return ["One seed each: intervals and tests reflect evaluation sampling only, not seed variance."]
    return []
