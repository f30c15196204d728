"""Quality: whether a loss of score is beyond the margin, or shown to be within it, judged on examples and seeds.

Two one-sided tests on one difference (Schuirmann 1987), that of :func:`harness.statistics.comparison.compare`: paired
on the examples, with the seeds' variance of both sides in it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from harness.gate.verdicts import Finding, Verdict
from harness.statistics.comparison import compare, holm
from harness.statistics.intervals import degrees_of_freedom
from harness.statistics.scores import ROUNDING, Scores

Pair = tuple[str, str]
"""A task's name and a model's."""
POWER = 0.9
MAX_SEEDS = 100
MAX_TIMES = 1000
"""More examples than so many times those at hand are no advice."""


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

    @property
    def is_same(self) -> bool:
        """Whether each of the run's seeds scores as the reference's, on every resample, so that answers are as good.

        If the run has a seed that the reference has not, whether all seeds of both sides do.
        """
        before, after = (np.column_stack([s.seeds, s.resampled]) for s in (self.reference, self.run))
        if set(self.run_seeds) <= set(self.reference_seeds):
            before = before[[self.reference_seeds.index(seed) for seed in self.run_seeds]]
        else:
            before, after = before[:1], np.concatenate([before, after])
        return bool((np.abs(after - before) <= ROUNDING).all())

    @property
    def is_blind(self) -> bool:
        """Whether nothing is known of the seeds' chance, which is there."""
        return self.is_trained and len(self.reference_seeds) == len(self.run_seeds) == 1 and not self.is_same

    def lent(self) -> tuple[Scores, Scores]:
        """Return both scores; the side with fewer seeds is taken to be no calmer than the other.

        Few seeds that happen to be alike would otherwise pass for a variance known to be small.
        """
        one, other = self.reference, self.run
        if len(one.seeds) < len(other.seeds):
            return replace(one, lender=other), other
        if len(other.seeds) < len(one.seeds):
            return one, replace(other, lender=one)
        return one, other


@dataclass(frozen=True, kw_only=True, eq=False)
class _Test:
    """The loss of one pair, or of a model's mean over some, with its two p-values, not yet corrected."""

    model: str
    task: str | None
    parts: tuple[PairScores, ...]
    loss: float
    error: float
    freedom: float
    p_worse: float
    p_not_worse: float

    @property
    def is_same(self) -> bool:
        return all(part.is_same for part in self.parts)

    @property
    def is_blind(self) -> bool:
        return any(part.is_blind for part in self.parts)


def judge(pairs: Mapping[Pair, PairScores], *, margin: float, alpha: float) -> tuple[Finding, ...]:
    """Return a finding a pair, in order of models, and after each model's that of its mean where it has two tasks.

    ``margin`` is the loss in points that is tolerated. *Worse* holds together at level ``alpha`` over all of them
    (Holm 1979); *not worse* holds for each, and so for all at once (intersection-union, Berger 1982).
    """
    by_model: dict[str, dict[str, PairScores]] = {}
    for (task, model), scores in pairs.items():
        by_model.setdefault(model, {})[task] = scores
    tests = []
    for model, scores_by_task in by_model.items():
        tests += [_test(model, task, (scores,), margin) for task, scores in scores_by_task.items()]
        if len(scores_by_task) > 1:
            tests.append(_test(model, None, tuple(scores_by_task.values()), margin))
    seen = [test for test in tests if not test.is_blind]
    corrected = iter(holm(np.array([test.p_worse for test in seen])).tolist())
    return tuple(
        finding if test.is_blind else _judged(test, finding, next(corrected), alpha, len(seen))
        for test in tests
        for finding in (_measured(test, margin, alpha),)
    )


def _test(model: str, task: str | None, parts: tuple[PairScores, ...], margin: float) -> _Test:
    from scipy import stats

    reference, run = zip(*(part.lent() for part in parts), strict=True)
    (paired,) = compare({"reference": reference, "run": run})
    loss, error = paired.difference, paired.error
    if all(part.is_same for part in parts):
        p_worse, p_not_worse = 1.0, 0.0
    elif error == 0.0:
        p_worse, p_not_worse = float(loss <= margin), float(loss > margin)
    else:
        statistic = (loss - margin) / error
        p_worse, p_not_worse = (float(stats.t.sf(s, paired.freedom)) for s in (statistic, -statistic))
    return _Test(
        model=model,
        task=task,
        parts=parts,
        loss=loss,
        error=error,
        freedom=paired.freedom,
        p_worse=p_worse,
        p_not_worse=p_not_worse,
    )


def _measured(test: _Test, margin: float, alpha: float) -> Finding:
    """Return the finding on a test before its verdict."""
    from scipy import stats

    finding = Finding(
        figure="quality",
        model=test.model,
        task=test.task,
        verdict=Verdict.CANNOT_TELL,
        reason="One seed on each side tells nothing of the seeds' chance: give either three or more.",
        reference=fmean(part.reference.value for part in test.parts),
        run=fmean(part.run.value for part in test.parts),
        change=0.0 - test.loss,
        margin=margin,
        num_seeds=(
            min(len(part.reference_seeds) for part in test.parts),
            min(len(part.run_seeds) for part in test.parts),
        ),
    )
    if test.is_blind:
        return finding
    reach, power = 0.0, 0.0
    if test.error:
        reach = float(stats.t.ppf(1 - alpha, test.freedom)) * test.error
        power = float(stats.t.ppf(POWER, test.freedom)) * test.error
    detectable = margin + reach + power
    return replace(finding, low=0.0 - test.loss - reach, high=0.0 - test.loss + reach, detectable=detectable)


def _judged(test: _Test, finding: Finding, p_worse: float, alpha: float, num_tests: int) -> Finding:
    """Return the finding with the verdict that the p-values give."""
    margin, sure = finding.margin or 0.0, f"with {100 * (1 - alpha):.3g} % confidence"
    finding = replace(finding, p_worse=p_worse)
    if p_worse < alpha:
        reason = f"{test.loss:.1f} points lost, more than the margin of {margin:g} {sure}"
        return replace(finding, verdict=Verdict.WORSE, reason=f"{reason}, corrected for {num_tests} tests.")
    if test.is_same:  # the reference may have seeds beside these, whose luck is no change
        same = replace(finding, reference=finding.run, change=0.0, low=0.0, high=0.0)
        return replace(same, verdict=Verdict.NOT_WORSE, reason="Every seed answers as the reference's.")
    if test.p_not_worse < alpha:
        reason = f"A loss of more than the margin of {margin:g} is excluded {sure}."
        return replace(finding, verdict=Verdict.NOT_WORSE, reason=reason)
    level = alpha if test.loss < margin else alpha / num_tests
    advice, seeds_needed = _advice(test, abs(margin - test.loss), level)
    reason = f"The loss may be beyond the margin of {margin:g} or within it; {advice}."
    return replace(finding, reason=reason, seeds_needed=seeds_needed)


def _advice(test: _Test, gap: float, level: float) -> tuple[str, int | None]:
    """Return what would tell, if the loss stays what it is: a number of seeds on each side, or more examples."""
    from scipy import stats

    scale = len(test.parts) ** 2
    lent = [scores for part in test.parts for scores in part.lent()]
    one_seed = np.array([scores.seed_variance * len(scores.seeds) for scores in lent]) / scale
    examples = max(test.error**2 - sum(scores.seed_variance for scores in lent) / scale, 0.0)
    counts = np.arange(2.0, MAX_SEEDS + 1)
    seeds = one_seed / counts[:, None]  # (counts, parts)
    spreads = np.broadcast_to(counts[:, None] - 1, seeds.shape)
    fewest = min(part.run.num_examples for part in test.parts)
    freedom = degrees_of_freedom(seeds, spreads, np.full((len(counts), 1), examples), [fewest])
    error = np.sqrt(seeds.sum(axis=1) + examples)
    enough = np.flatnonzero(gap >= stats.t.isf(level, freedom) * error)
    if len(enough) and one_seed.any():
        number = int(counts[enough[0]])
        return f"about {number} seeds on each side would tell", number
    left = (gap / stats.norm.isf(level)) ** 2 - seeds[-1].sum()
    if left <= 0 or examples / left > MAX_TIMES:
        return "it is too near the margin for seeds or examples to tell", None
    return f"no number of seeds would tell, but about {math.ceil(examples / left)} times as many examples", None
