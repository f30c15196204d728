"""An analysis made by hand: intervals of a fixed width, and two models told apart if these do not overlap."""

import itertools
import random
from collections.abc import Mapping, Sequence
from statistics import fmean

from harness.statistics.calibration import Bin, Calibration
from harness.statistics.comparison import PairedTest
from harness.statistics.intervals import Estimate
from harness.statistics.ranking import Standing
from reports.analysis.comparison import Comparison
from reports.analysis.statistics import Analysis
from reports.evidence.results import Evidence

HALF = 3.0


def make_analysis(evidence: Evidence, comparison: Comparison) -> Analysis:
    scores = {pair: estimate([r.score for r in found]) for pair, found in evidence.results.items()}
    metric_values = {
        (task, label, split, metric): estimate([r.scores[split][metric] for r in found])
        for (task, label), found in evidence.results.items()
        for split, values in found[0].scores.items()
        for metric in values
    }
    ranked = [row for row in comparison.ranking() if comparison.is_ranked(row)] if comparison.mean_name else []
    means = {row.model: estimate(row.mean.values) for row in ranked}
    by_task = {task: {label: e for (name, label), e in scores.items() if name == task} for task in evidence.tasks}
    over = means if comparison.mean_name else by_task[evidence.tasks[0]]
    return Analysis(
        scores=scores,
        metric_values=metric_values,
        means=means,
        tests={task: make_tests(found) for task, found in by_task.items()},
        mean_tests=make_tests(means),
        standings=make_standings(over),
        groups=make_groups(over),
        calibration={pair: make_calibration(pair) for pair, found in evidence.results.items() if found},
    )


def estimate(values: Sequence[float]) -> Estimate:
    value = fmean(values)
    return Estimate(value=value, low=value - HALF, high=value + HALF, num_seeds=len(values))


def make_tests(estimates: Mapping[str, Estimate]) -> tuple[PairedTest, ...]:
    return tuple(
        make_test(first, second, one.value - other.value)
        for (first, one), (second, other) in itertools.combinations(estimates.items(), 2)
    )


def make_test(first: str, second: str, difference: float) -> PairedTest:
    p_value = 0.0004 if abs(difference) > 2 * HALF else 0.4
    return PairedTest(
        first=first,
        second=second,
        difference=difference,
        low=difference - HALF,
        high=difference + HALF,
        p_value=p_value / 2,
        p_holm=p_value,
        detectable=4.5,
        mcnemar_p=0.03,
    )


def make_standings(estimates: Mapping[str, Estimate]) -> dict[str, Standing]:
    return {
        label: Standing(
            label=label,
            first=1 + sum(other.value - mine.value > 2 * HALF for other in estimates.values()),
            last=sum(other.value - mine.value >= -2 * HALF for other in estimates.values()),
        )
        for label, mine in estimates.items()
    }


def make_groups(estimates: Mapping[str, Estimate]) -> tuple[tuple[str, ...], ...]:
    order = sorted(estimates, key=lambda label: -estimates[label].value)
    groups: list[tuple[str, ...]] = []
    for place, best in enumerate(order):
        group = tuple(other for other in order[place:] if estimates[best].value - estimates[other].value <= 2 * HALF)
        if not groups or not set(group) <= set(groups[-1]):
            groups.append(group)
    return tuple(groups)


def make_calibration(pair: tuple[str, str]) -> Calibration:
    chance = random.Random(str(pair))
    bins = tuple(
        Bin(confidence=0.05 + 0.1 * i, accuracy=min(1.0, 0.1 * i + chance.uniform(0, 0.1)), count=20) for i in range(10)
    )
    return Calibration(error=chance.uniform(0.01, 0.2), brier=0.3, bins=bins, num_seeds=2)
