"""What can be concluded from a comparison, and what cannot, in words: the sentences above the leaderboard."""

from collections.abc import Sequence

from harness.statistics.comparison import PairedTest
from reports.analysis.comparison import Comparison
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence
from reports.text.numbers import PERCENT, counted_in, number

MAX_NAMES = 6
"""So many models are named in one sentence; the rest are counted."""
MAX_GROUPS = 3
LARGEST = 100.0
"""Points; what is found beyond it only is as good as nothing."""


def conclusions(evidence: Evidence, comparison: Comparison, analysis: Analysis) -> list[str]:
    """Return sentences: which model is ahead, by how much, which do not differ significantly, what is not known."""
    labels = ranked(analysis)
    if len(labels) < 2:
        return [*_nothing(comparison, analysis, labels), *_limits(evidence)]
    task = None if comparison.mean_name else comparison.columns[0].task
    return [
        *_leaders(analysis, labels, task, _name(comparison)),
        *_groups(analysis, labels),
        *_unranked(comparison, analysis),
        *_seeds(analysis, labels, task),
        *_limits(evidence),
    ]


def ranked(analysis: Analysis) -> list[str]:
    """Return the models that have a rank, in the order of their ranks, then of their means."""
    means = {label: estimate.value for label, estimate in analysis.means.items()}
    ranks = analysis.standings
    return sorted(ranks, key=lambda label: (ranks[label].first, ranks[label].last, -means.get(label, 0.0)))


def points(test: PairedTest) -> str:
    """Return a difference with its interval: ``4.2 points [1.0, 7.4]``."""
    shown = number(test.difference, test.unit)
    unit = "point" if shown == "1.0" else counted_in(test.unit)
    return f"{shown} {unit} {interval(test.low, test.high, test.unit)}"


def interval(low: float, high: float, unit: str = PERCENT) -> str:
    """Return an interval as it is printed: ``[1.0, 7.4]``."""
    return f"[{number(low, unit)}, {number(high, unit)}]"


def listed(names: Sequence[str], *, limit: int = MAX_NAMES) -> str:
    """Return names joined as in a sentence; those beyond ``limit`` are counted."""
    if len(names) > limit:
        return f"{', '.join(names[: limit - 1])} and {len(names) - limit + 1} others"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _name(comparison: Comparison) -> str:
    return f"the {comparison.mean_name}" if comparison.mean_name else f"{comparison.columns[0].title}'s score"


def _nothing(comparison: Comparison, analysis: Analysis, labels: Sequence[str]) -> list[str]:
    if comparison.reasons_without_mean and not labels:
        return ["No rank over all tasks.", *comparison.reasons_without_mean]
    if not any(row.mean.values for row in comparison.rows):
        return ["Nothing can be concluded yet: there is no result."]
    if labels or len(comparison.rows) == 1:
        return ["Only one model was evaluated; add a second `--model` to compare."]
    reasons = analysis.reasons or ("the predictions that paired tests need are not stored with these results.",)
    return ["No ranks: differences between these models have not been tested.", *reasons]


def _leaders(analysis: Analysis, labels: Sequence[str], task: str | None, name: str) -> list[str]:
    leaders = [label for label in labels if analysis.standings[label].first == 1]
    rest = [label for label in labels if label not in leaders]
    if len(leaders) == 1:
        margins = _margins(analysis, task, leaders[0], rest)
        return [f"By {name}, {leaders[0]} is significantly better than every other model: {margins}."]
    sentences = [f"By {name}, {listed(leaders)} share rank 1: {_undecided(analysis, task, leaders)}"]
    sure = {leader: _behind(analysis, task, leader, labels) for leader in leaders}
    best = leaders[0]
    if sure[best]:
        sentences.append(f"{best} is significantly better than {_margins(analysis, task, best, sure[best])}.")
    return sentences


def _behind(analysis: Analysis, task: str | None, leader: str, labels: Sequence[str]) -> list[str]:
    """Return the models that ``leader`` is significantly ahead of."""
    tests = ((label, analysis.test(task, leader, label)) for label in labels if label != leader)
    return [label for label, test in tests if test and test.differs and test.difference > 0]


def _margins(analysis: Analysis, task: str | None, best: str, others: Sequence[str]) -> str:
    """Return ``bag (by 4.2 points [1.0, 7.4]) and majority (by ...)``."""
    shown = others if len(others) <= MAX_NAMES else others[: MAX_NAMES - 1]
    texts = []
    for label in shown:
        test = analysis.test(task, best, label)
        texts.append(f"{label} (by {points(test)})" if test else label)
    if len(others) > len(shown):
        texts.append(f"{len(others) - len(shown)} others")
    return listed(texts)


def _undecided(analysis: Analysis, task: str | None, leaders: Sequence[str]) -> str:
    tests = [
        test
        for index, first in enumerate(leaders)
        for second in leaders[index + 1 :]
        if (test := analysis.test(task, first, second)) and not test.differs
    ]
    if not tests:
        return "not significantly different."
    finds, unit = max(test.detectable for test in tests), tests[0].unit
    who = "not significantly different" if len(leaders) == 2 else "no two of them differ significantly"
    if all(test.are_same for test in tests):
        return "their predictions score the same."
    shown = f" (difference {points(tests[0])}{_in_company(analysis, task, tests[0])})" if len(tests) == 1 else ""
    if finds > LARGEST:
        return f"{who}{shown}; too few examples to detect any possible difference."
    return f"{who}{shown}; minimum detectable difference: {number(finds, unit)} {counted_in(unit)} (80 % power)."


def _in_company(analysis: Analysis, task: str | None, test: PairedTest) -> str:
    """Say why two models do not differ significantly although the interval of their difference leaves 0 out."""
    if test.low <= 0.0 <= test.high:
        return ""
    pairs = analysis.mean_tests if task is None else analysis.tests[task]
    return f", not significant after Holm's correction for {len(pairs)} pairs"


def _groups(analysis: Analysis, labels: Sequence[str]) -> list[str]:
    """Name the groups behind the leaders' own."""
    leaders = {label for label in labels if analysis.standings[label].first == 1}
    groups = [group for group in analysis.groups if len(group) > 1 and not set(group) <= leaders]
    sentences = [f"{listed(group)} are not significantly different." for group in groups[:MAX_GROUPS]]
    if len(groups) > MAX_GROUPS:
        sentences.append(f"{len(groups) - MAX_GROUPS} more tie groups are marked in the table.")
    return sentences


def _unranked(comparison: Comparison, analysis: Analysis) -> list[str]:
    others = [row.model for row in comparison.rows if row.mean.values and row.model not in analysis.standings]
    if not others:
        return []
    has, its = ("have", "their results are") if len(others) > 1 else ("has", "its results are")
    return [f"{listed(others)} {has} no rank: {its} over other tasks or data, or without stored predictions."]


def _seeds(analysis: Analysis, labels: Sequence[str], task: str | None) -> list[str]:
    found = {
        label: analysis.means.get(label) if task is None else analysis.scores.get((task, label)) for label in labels
    }
    single = [label for label, estimate in found.items() if estimate and estimate.num_seeds == 1]
    if not single:
        return []
    only = "intervals and tests reflect evaluation sampling only, not seed variance."
    if len(single) == len([estimate for estimate in found.values() if estimate]):
        return [f"One seed each: {only}"]
    return [f"One seed of {listed(single)}: {only}"]


def _limits(evidence: Evidence) -> list[str]:
    sentences = []
    if evidence.sample_tasks:
        sentences.append("Generated sample: these results say nothing about the real benchmark.")
    found = {(r.data.limit_train, r.data.limit_evaluation) for r in evidence.every_result}
    if found - {(None, None)}:
        sentences.append("Examples were limited: these are not results on the whole data sets.")
    return sentences
