"""The statistics of one set of runs: intervals, paired tests, places and calibration, from stored predictions alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harness.calibration import Calibration
from harness.statistics import Estimate, PairedTest, Standing


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What is known beyond the figures themselves. A pair without an answer to it is not in the mapping.

    Tasks go by name, models by their label in the evidence. The mean is that of the comparison's last column, over its
    ``mean_tasks``; only models that are ranked there have one.
    """

    scores: Mapping[tuple[str, str], Estimate] = field(default_factory=dict)
    """The task's score, by (task, model)."""
    figures: Mapping[tuple[str, str, str, str], Estimate] = field(default_factory=dict)
    """Each figure of the score, by (task, model, split, figure)."""
    means: Mapping[str, Estimate] = field(default_factory=dict)
    tests: Mapping[str, tuple[PairedTest, ...]] = field(default_factory=dict)
    """All pairs of models, by task."""
    mean_tests: tuple[PairedTest, ...] = ()
    standings: Mapping[str, Standing] = field(default_factory=dict)
    """By model, over the mean, or over the only task."""
    groups: tuple[tuple[str, ...], ...] = ()
    """Neighbours in the ranking of which no two can be told apart, the best first."""
    calibration: Mapping[tuple[str, str], Calibration] = field(default_factory=dict)
    """By (task, model), where answers carry probabilities of labels."""
    gaps: tuple[str, ...] = ()
    """What could not be computed, and why, in sentences."""

    def test(self, task: str | None, first: str, second: str) -> PairedTest | None:
        """Return the test of two models on a task, or of their means, seen from the first; ``None`` without one."""
        for test in self.mean_tests if task is None else self.tests.get(task, ()):
            if (test.first, test.second) == (first, second):
                return test
            if (test.first, test.second) == (second, first):
                return replace(
                    test, first=first, second=second, difference=-test.difference, low=-test.high, high=-test.low
                )
        return None
