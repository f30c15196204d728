"""What must be said beside a score: one class predicted, below the majority baseline, seeds that do not agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from typing import Literal

from harness.store.records import Result
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence

Kind = Literal["Below the majority baseline", "Predicts one class", "A seed collapsed", "Seeds disagree"]

BASELINE = "majority"
COLLAPSE = 10.0
"""A seed collapsed that is so many points worse than the median of the pair's seeds, which are three at least."""
UNUSUAL = 3.0
"""Seeds disagree whose standard deviation is so many times the median over all pairs, and ``LEAST`` points at least."""
LEAST = 2.0


@dataclass(frozen=True, kw_only=True)
class Caution:
    """One thing to be said of one model on one task."""

    task: str
    label: str
    kind: Kind
    text: str
    """A few words, to stand below the score."""


def is_baseline(results: Sequence[Result]) -> bool:
    """Return whether these are results of the majority baseline, which predicts one class by intention."""
    return bool(results) and results[0].model.name.partition("@")[0] == BASELINE


def baselines(evidence: Evidence) -> set[str]:
    """Return the labels of the majority baselines."""
    return {label for (_, label), results in evidence.results.items() if is_baseline(results)}


def cautions(evidence: Evidence, analysis: Analysis) -> list[Caution]:
    """Return what is to be said of each pair, by task; nothing of the majority baselines themselves."""
    left_out = baselines(evidence)
    usual = _usual_deviation(evidence)
    found = []
    for task in evidence.tasks:
        floors = [fmean(r.score for r in evidence.results[task, label]) for label in left_out
                  if evidence.results.get((task, label))]  # fmt: skip
        for label in evidence.models:
            results = evidence.results.get((task, label), ())
            if not results or label in left_out:
                continue
            worst = (min if evidence.higher_is_better(task) else max)(result.score for result in results)
            seeds = _of_seeds([result.score for result in results], worst, usual)
            texts = [*_one_class(analysis, task, label), *seeds]
            if floors and _is_below(evidence, task, results, max(floors)):
                texts.append(("Below the majority baseline", "< majority"))
            found += [Caution(task=task, label=label, kind=kind, text=text) for kind, text in texts]
    return found


def _is_below(evidence: Evidence, task: str, results: Sequence[Result], floor: float) -> bool:
    score = fmean(result.score for result in results)
    return score < floor if evidence.higher_is_better(task) else score > floor


def _one_class(analysis: Analysis, task: str, label: str) -> Iterator[tuple[Kind, str]]:
    if seeds := analysis.constant.get((task, label)):
        yield "Predicts one class", f"one class, {seeds.num_constant}/{seeds.num_seeds} seeds"


def _of_seeds(scores: Sequence[float], worst: float, usual: float) -> Iterator[tuple[Kind, str]]:
    if len(scores) > 2 and abs(median(scores) - worst) > COLLAPSE:
        yield "A seed collapsed", f"seed at {worst:.1f}"
    elif len(scores) > 1 and stdev(scores) > max(LEAST, UNUSUAL * usual):
        yield "Seeds disagree", f"SD {stdev(scores):.1f} over seeds"


def _usual_deviation(evidence: Evidence) -> float:
    """Return the median over all pairs with several seeds of the standard deviation over seeds."""
    return median(
        [stdev([r.score for r in results]) for results in evidence.results.values() if len(results) > 1] or [0.0]
    )
