"""Quality: whether a loss of score is beyond the margin, or shown to be within it, judged on examples and seeds."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.gating.verdicts import Finding
from harness.statistics import Scores

Pair = tuple[str, str]
"""A task's name and a model's."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PairScores:
    """Both sides' scores of one pair, on the same resamples of the same examples."""

    reference: Scores
    run: Scores
    reference_seeds: tuple[int, ...]
    """In the order of ``reference.seeds``."""
    run_seeds: tuple[int, ...]
    is_trained: bool
    """Whether by gradient on either side, so that seeds differ."""


def judge(pairs: Mapping[Pair, PairScores], *, margin: float, alpha: float) -> tuple[Finding, ...]:
    """Return a finding a pair, in order of models, and after each model's that of its mean where it has two tasks.

    ``margin`` is the loss in points that is tolerated. *Worse* holds together at level ``alpha`` over all of them
    (Holm 1979); *not worse* holds for each, and so for all at once (intersection-union, Berger 1982).
    """
    raise NotImplementedError
