"""The statistics of one set of runs: intervals, paired tests, ranks and calibration, from stored predictions alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from harness.api.metric import Floats
from harness.api.task import Task
from harness.outputs import kind_of
from harness.statistics.calibration import Calibration, calibrate
from harness.statistics.comparison import PairedTest, compare
from harness.statistics.intervals import Estimate, estimate
from harness.statistics.mcnemar import exact_tests
from harness.statistics.ranking import Standing, groups, standings
from harness.statistics.rescoring import (
    TOLERANCE,
    MetricValues,
    are_means,
    bounds_of,
    rescore,
    score_of,
    scores_of,
)
from harness.statistics.scores import Scores
from reports.analysis.comparison import Comparison
from reports.analysis.constant import ConstantSeeds, constant_seeds
from reports.evidence.predictions import TaskPredictions, TrialPredictions, read_predictions
from reports.evidence.results import Evidence


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What is known beyond the metric values themselves. A pair of which it is not known is not in the mapping.

    Tasks go by name, models by their label in the evidence. The mean is that of the comparison's last column, over its
    ``mean_tasks``; only models that are ranked there have one.
    """

    scores: Mapping[tuple[str, str], Estimate] = field(default_factory=dict)
    """The task's score, by (task, model)."""
    metric_values: Mapping[tuple[str, str, str, str], Estimate] = field(default_factory=dict)
    """Each metric of the score, by (task, model, split, metric)."""
    means: Mapping[str, Estimate] = field(default_factory=dict)
    tests: Mapping[str, tuple[PairedTest, ...]] = field(default_factory=dict)
    """All pairs of models, by task."""
    mean_tests: tuple[PairedTest, ...] = ()
    standings: Mapping[str, Standing] = field(default_factory=dict)
    """By model, over the mean, or over the only task."""
    groups: tuple[tuple[str, ...], ...] = ()
    """Neighbours in the ranking of which no two differ significantly, the best first."""
    calibration: Mapping[tuple[str, str], Calibration] = field(default_factory=dict)
    """By (task, model), where predictions carry probabilities of labels."""
    constant: Mapping[tuple[str, str], ConstantSeeds] = field(default_factory=dict)
    """By (task, model), where a model predicts one value nearly everywhere."""
    reasons: tuple[str, ...] = ()
    """What could not be computed, and why, in sentences."""

    def test(self, task: str | None, first: str, second: str) -> PairedTest | None:
        """Return the test of two models on a task, or of their means, seen from the first; ``None`` without one."""
        by_pair = self._by_pair.get(task, {})
        if (first, second) in by_pair:
            return by_pair[first, second]
        turned = by_pair.get((second, first))
        if turned is None:
            return None
        return replace(
            turned, first=first, second=second, difference=-turned.difference, low=-turned.high, high=-turned.low
        )

    @cached_property
    def _by_pair(self) -> dict[str | None, dict[tuple[str, str], PairedTest]]:
        everything = [*self.tests.items(), (None, self.mean_tests)]
        return {task: {(test.first, test.second): test for test in tests} for task, tests in everything}


NO_ANALYSIS = Analysis()
"""Tables without it show the spread over seeds instead of intervals, and no ranks."""


@dataclass(frozen=True, kw_only=True)
class _TaskAnalysis:
    scores: Mapping[str, Scores]
    """By label."""
    seeds: Mapping[str, Sequence[int]]
    metric_values: Mapping[tuple[str, str, str], Estimate]
    """By (label, split, metric)."""
    mcnemar: Floats | None
    calibration: Mapping[str, Calibration]
    constant: Mapping[str, ConstantSeeds]
    reasons: Sequence[str]


def analyse(evidence: Evidence, comparison: Comparison, tasks: Mapping[str, Task]) -> Analysis:
    """Return the statistics of all models that stand together. ``tasks`` say how predictions are scored."""
    found = {name: _analyse_task(evidence, name, tasks.get(name)) for name in evidence.tasks}
    tests = {name: compare({k: [v] for k, v in one.scores.items()}, one.mcnemar) for name, one in found.items()}
    over = comparison.mean_tasks
    if not over and not comparison.reasons_without_mean:
        over = tuple(name for name in evidence.tasks if found[name].scores)[:1]
    ranked = [row.model for row in comparison.rows if not comparison.mean_name or comparison.is_ranked(row)]
    parts = {label: together for label in ranked if (together := _together(found, over, label))}
    means = {label: estimate(scores) for label, scores in parts.items()}
    mean_tests = compare(parts) if comparison.mean_name else tests.get(over[0], ()) if over else ()
    values = {label: mean.value for label, mean in means.items()}
    return Analysis(
        scores={(name, label): estimate([s]) for name, one in found.items() for label, s in one.scores.items()},
        metric_values={(name, *key): value for name, one in found.items() for key, value in one.metric_values.items()},
        means=means,
        tests=tests,
        mean_tests=mean_tests,
        standings=standings(values, mean_tests),
        groups=groups(values, mean_tests),
        calibration={(name, label): c for name, one in found.items() for label, c in one.calibration.items()},
        constant={(name, label): seeds for name, one in found.items() for label, seeds in one.constant.items()},
        reasons=tuple(reason for one in found.values() for reason in one.reasons),
    )


def _together(found: Mapping[str, _TaskAnalysis], tasks: Sequence[str], label: str) -> list[Scores]:
    """Return a model's scores on the tasks, of those seeds that have all; none if one is missing."""
    if not all(label in found[task].scores for task in tasks):
        return []
    common = set.intersection(*(set(found[task].seeds[label]) for task in tasks)) if tasks else set()
    if not common:
        return []
    return [_of_seeds(found[task].scores[label], found[task].seeds[label], common) for task in tasks]


def _of_seeds(scores: Scores, seeds: Sequence[int], chosen: set[int]) -> Scores:
    kept = [index for index, seed in enumerate(seeds) if seed in chosen]
    return replace(scores, seeds=scores.seeds[kept], resampled=scores.resampled[kept])


def _analyse_task(evidence: Evidence, name: str, task: Task | None) -> _TaskAnalysis:
    stored = read_predictions(evidence, name)
    reasons, constant = list(stored.reasons), constant_seeds(stored)
    if stored.trials and (why := _unknown(task, stored.trials)):
        reasons.append(f"{evidence.task_title(name)}: no intervals and no tests: {why}.")
    if task is None or not stored.trials or len(reasons) > len(stored.reasons):
        return _TaskAnalysis(
            scores={}, seeds={}, metric_values={}, mcnemar=None, calibration={}, constant=constant, reasons=reasons
        )
    given = [{split: found.predictions for split, found in trial.splits.items()} for trial in stored.trials]
    metric_values = rescore(task.name, task.metrics, stored.examples, given)
    by_label: dict[str, list[int]] = defaultdict(list)
    for index, trial in enumerate(stored.trials):
        score = score_of(metric_values[index], trial.result.headline)
        if abs(score[0] - trial.result.score) <= TOLERANCE:
            by_label[trial.label].append(index)
        else:
            reasons.append(
                f"{evidence.task_title(name)}, {trial.label}, seed {trial.result.seed}: left out of intervals and "
                f"tests, as its answers score {score[0]:.4f} and its result says {trial.result.score:.4f}."
            )
    num_examples = sum(map(len, stored.examples.values()))
    return _TaskAnalysis(
        scores={
            label: scores_of(
                task.metrics, stored.trials[rows[0]].result.headline, [metric_values[i] for i in rows], num_examples
            )
            for label, rows in by_label.items()
        },
        seeds={label: [stored.trials[i].result.seed for i in rows] for label, rows in by_label.items()},
        metric_values=_metric_values(task, stored, metric_values, by_label),
        mcnemar=_mcnemar(stored, by_label),
        calibration=_calibration(stored, by_label),
        constant=constant,
        reasons=reasons,
    )


def _unknown(task: Task | None, trials: Sequence[TrialPredictions]) -> str:
    """Return why predictions cannot be scored again, or an empty string."""
    if task is None:
        return "how it is scored is not known here; name its file with --plugin"
    if any(trial.result.task_version != task.version for trial in trials):
        return "its results are from another version of the task"
    return ""


def _metric_values(
    task: Task, stored: TaskPredictions, metric_values: Sequence[MetricValues], by_label: Mapping[str, Sequence[int]]
) -> dict[tuple[str, str, str], Estimate]:
    found = {}
    for label, rows in by_label.items():
        headline = stored.trials[rows[0]].result.headline
        means = are_means(task.metrics, headline)
        for metric, bounds in bounds_of(task.metrics, headline).items():
            for split, examples in stored.examples.items():
                values = np.stack([metric_values[index][split][metric] for index in rows])
                scores = Scores(
                    seeds=values[:, 0],
                    resampled=values[:, 1:],
                    num_examples=len(examples),
                    bounds=bounds,
                    is_mean=means[metric],
                )
                found[label, split, metric] = estimate([scores])
    return found


def _mcnemar(stored: TaskPredictions, by_label: Mapping[str, Sequence[int]]) -> Floats | None:
    """Return the exact tests of all pairs of models, where accuracy counts."""
    if "accuracy" not in stored.trials[0].result.headline:
        return None
    right = [
        {
            stored.trials[index].result.seed: np.concatenate(
                [
                    np.array([p.value == e.target for p, e in zip(found.predictions, found.examples, strict=True)])
                    for found in stored.trials[index].splits.values()
                ]
            )
            for index in rows
        }
        for rows in by_label.values()
    ]
    return exact_tests(right)


def _calibration(stored: TaskPredictions, by_label: Mapping[str, Sequence[int]]) -> dict[str, Calibration]:
    kind = kind_of(stored.trials[0].result.output)
    targets = [e.target for examples in stored.examples.values() for e in examples]
    found = {}
    for label, rows in by_label.items():
        seeds = [
            kind.calibration(
                [p.scores for each in stored.trials[index].splits.values() for p in each.predictions], targets
            )
            for index in rows
        ]
        known = [seed for seed in seeds if seed is not None]
        if len(known) == len(rows):
            found[label] = calibrate([probabilities for probabilities, _ in known], known[0][1])
    return found
