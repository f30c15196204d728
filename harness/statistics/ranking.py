"""Ranks that the paired tests support, and groups of models that do not differ significantly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.statistics.comparison import PairedTest


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A model's simultaneous 95 % confidence set of ranks, from ``first`` to ``last`` (Mogstad et al. 2024).

    ``first`` is one more than the number of models that are significantly better: its rank, which others may share.
    ``last`` is the number of models that are not significantly worse, itself included.
    """

    label: str
    first: int
    last: int


def standings(values: Mapping[str, float], tests: Sequence[PairedTest]) -> dict[str, Standing]:
    """Return each model's ranks, the best model first, from its score and the tests of all pairs of models."""
    num_better, num_worse = dict.fromkeys(values, 0), dict.fromkeys(values, 0)
    for test in tests:
        if test.differs:
            better, worse = (test.first, test.second) if test.difference > 0 else (test.second, test.first)
            num_worse[better] += 1
            num_better[worse] += 1
    ranking = sorted(values, key=lambda label: (num_better[label], -values[label]))
    return {
        label: Standing(label=label, first=1 + num_better[label], last=len(values) - num_worse[label])
        for label in ranking
    }


def groups(values: Mapping[str, float], tests: Sequence[PairedTest]) -> tuple[tuple[str, ...], ...]:
    """Return the longest runs of neighbours in the ranking of which no two differ significantly, the best first."""
    different = {frozenset((test.first, test.second)) for test in tests if test.differs}
    ranking = sorted(values, key=lambda label: -values[label])
    ends = []
    for start in range(len(ranking)):
        end = start + 1
        while end < len(ranking) and all(
            frozenset((ranking[end], each)) not in different for each in ranking[start:end]
        ):
            end += 1
        ends.append(end)
    new = [start for start, (before, end) in enumerate(pairwise([0, *ends])) if end > before]
    return tuple(tuple(ranking[start : ends[start]]) for start in new)


def letters(tie_groups: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return each model's letters: one for each group of several that it is in."""
    found: dict[str, str] = {}
    for index, group in enumerate(group for group in tie_groups if len(group) > 1):
        letter = chr(ord("a") + index % 26) + (str(index // 26) if index >= 26 else "")
        for label in group:
            found[label] = f"{found.get(label, '')} {letter}".strip()
    return found
