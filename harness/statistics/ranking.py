"""Ranks that the paired tests support, and groups of models that do not differ significantly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.statistics.comparison import PairedTest


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A model's place: the ranks that it may have, all models' together with 95 % confidence (Mogstad et al. 2024).

    ``first`` is one more than the models that are surely better: its place, which others may share. ``last`` is that of
    the models that are not surely worse.
    """

    label: str
    first: int
    last: int


def standings(values: Mapping[str, float], tests: Sequence[PairedTest]) -> dict[str, Standing]:
    """Return each model's place, the best first, from the tests of all pairs of models."""
    better, worse = dict.fromkeys(values, 0), dict.fromkeys(values, 0)
    for test in tests:
        if test.differs:
            ahead, behind = (test.first, test.second) if test.difference > 0 else (test.second, test.first)
            worse[ahead] += 1
            better[behind] += 1
    ranking = sorted(values, key=lambda label: (better[label], -values[label]))
    return {label: Standing(label=label, first=1 + better[label], last=len(values) - worse[label]) for label in ranking}


def groups(values: Mapping[str, float], tests: Sequence[PairedTest]) -> tuple[tuple[str, ...], ...]:
    """Return the longest runs of neighbours in the ranking of which no two can be told apart, the best first."""
    apart = {frozenset((test.first, test.second)) for test in tests if test.differs}
    ranking = sorted(values, key=lambda label: -values[label])
    ends = []
    for start in range(len(ranking)):
        end = start + 1
        while end < len(ranking) and not any(frozenset((ranking[end], other)) in apart for other in ranking[start:end]):
            end += 1
        ends.append(end)
    new = [start for start, (before, end) in enumerate(pairwise([0, *ends])) if end > before]
    return tuple(tuple(ranking[start : ends[start]]) for start in new)
