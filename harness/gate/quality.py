"""Quality: whether a loss of score is beyond the margin, or shown to be within it, judged on examples and seeds.

Two one-sided tests on one difference (Schuirmann 1987), that of :func:`harness.statistics.comparison.compare`: paired
on the examples, with the variance over seeds of both sides in it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from harness.gate.verdicts import Finding, Verdict
from harness.statistics.comparison import compare, holm
from harness.statistics.intervals import satterthwaite
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
    limits: tuple[object, ...] = ()
    """On examples, of both sides: pairs with others have no mean with this one."""

    @property
    def is_same(self) -> bool:
        """Whether each of the run's seeds scores as the reference's on every resample, so that predictions are as good.

        If the run has a seed that the reference has not, whether all seeds of both sides do.
        """
        before, after = (np.column_stack([s.seeds, s.resampled]) for s in (self.reference, self.run))
        if set(self.run_seeds) <= set(self.reference_seeds):
            before = before[[self.reference_seeds.index(seed) for seed in self.run_seeds]]
        else:
            before, after = before[:1], np.concatenate([before, after])
        return bool((np.abs(after - before) <= ROUNDING).all())

    @property
    def has_unknown_variance(self) -> bool:
        """Whether seeds differ, and there are too few to estimate by how much."""
        return self.is_trained and len(self.reference_seeds) == len(self.run_seeds) == 1 and not self.is_same

    def with_donors(self) -> tuple[Scores, Scores]:
        """Return both scores; the side with fewer seeds is given at least the other's variance over seeds.

        Few seeds that happen to score alike would otherwise pass for a variance known to be small.
        """
        one, other = self.reference, self.run
        if len(one.seeds) < len(other.seeds):
            return replace(one, donor=other), other
        if len(other.seeds) < len(one.seeds):
            return one, replace(other, donor=one)
        return one, other


@dataclass(frozen=True, kw_only=True, eq=False)
class _Test:
    """The loss of one pair, or of a model's mean over some, with its two p-values, not yet corrected."""

    model: str
    task: str | None
    parts: tuple[PairScores, ...]
    loss: float
    margin: float
    standard_error: float
    degrees_of_freedom: float
    p_worse: float
    p_not_worse: float

    @property
    def unit(self) -> str:
        """What losses are counted in."""
        unit = self.parts[0].reference.unit
        return "points" if unit == "%" else unit

    @property
    def is_same(self) -> bool:
        return all(part.is_same for part in self.parts)

    @property
    def has_unknown_variance(self) -> bool:
        return any(part.has_unknown_variance for part in self.parts)


def judge(pairs: Mapping[Pair, PairScores], *, margin: float, alpha: float) -> tuple[Finding, ...]:
    """Return a finding a pair, in order of models, and after each model's that of its mean where it has two tasks.

    ``margin`` is the loss in points that is tolerated; of a score in another unit, so many percent of the reference's.
    *Worse* holds together at level ``alpha`` over all of them
    (Holm 1979); *not worse* holds for each, and so for all at once (intersection-union, Berger 1982).
    """
    by_model: dict[str, dict[str, PairScores]] = {}
    for (task, model), scores in pairs.items():
        by_model.setdefault(model, {})[task] = scores
    tests = []
    for model, scores_by_task in by_model.items():
        tests += [_test(model, task, (scores,), margin) for task, scores in scores_by_task.items()]
        if len(scores_by_task) > 1 and len({(s.limits, s.reference.unit) for s in scores_by_task.values()}) == 1:
            tests.append(_test(model, None, tuple(scores_by_task.values()), margin))
    tested = [test for test in tests if not test.has_unknown_variance]
    corrected = iter(holm(np.array([test.p_worse for test in tested])).tolist())
    return tuple(
        finding if test.has_unknown_variance else _judged(test, finding, next(corrected), alpha, len(tested))
        for test in tests
        for finding in (_measured(test, alpha),)
    )


def _test(model: str, task: str | None, parts: tuple[PairScores, ...], margin: float) -> _Test:
    from scipy import stats

    reference, run = zip(*(part.with_donors() for part in parts), strict=True)
    (paired,) = compare({"reference": reference, "run": run})
    loss, error = paired.difference, paired.standard_error
    if paired.unit != "%":
        margin *= abs(fmean(part.reference.value for part in parts)) / 100
    if all(part.is_same for part in parts):
        p_worse, p_not_worse = 1.0, 0.0
    elif error == 0.0:
        p_worse, p_not_worse = float(loss <= margin), float(loss > margin)
    else:
        statistic = (loss - margin) / error
        p_worse, p_not_worse = (float(stats.t.sf(s, paired.degrees_of_freedom)) for s in (statistic, -statistic))
    return _Test(
        model=model,
        task=task,
        parts=parts,
        loss=loss,
        margin=margin,
        standard_error=error,
        degrees_of_freedom=paired.degrees_of_freedom,
        p_worse=p_worse,
        p_not_worse=p_not_worse,
    )


def _measured(test: _Test, alpha: float) -> Finding:
    """Return the finding on a test before its verdict."""
    from scipy import stats

    finding = Finding(
        metric="quality",
        model=test.model,
        task=test.task,
        verdict=Verdict.CANNOT_TELL,
        reason="One seed on each side tells nothing of the seeds' chance: give either three or more.",
        reference=fmean(part.reference.value for part in test.parts),
        run=fmean(part.run.value for part in test.parts),
        change=0.0 - test.loss,
        margin=test.margin,
        unit=test.unit,
        num_seeds=(
            min(len(part.reference_seeds) for part in test.parts),
            min(len(part.run_seeds) for part in test.parts),
        ),
    )
    if test.has_unknown_variance:
        return finding
    half_width, power = 0.0, 0.0
    if test.standard_error:
        half_width = float(stats.t.ppf(1 - alpha, test.degrees_of_freedom)) * test.standard_error
        power = float(stats.t.ppf(POWER, test.degrees_of_freedom)) * test.standard_error
    detectable = test.margin + half_width + power
    return replace(finding, low=0.0 - test.loss - half_width, high=0.0 - test.loss + half_width, detectable=detectable)


def _judged(test: _Test, finding: Finding, p_worse: float, alpha: float, num_tests: int) -> Finding:
    """Return the finding with the verdict that the p-values give."""
    margin, confidence = finding.margin or 0.0, f"with {100 * (1 - alpha):.3g} % confidence"
    finding = replace(finding, p_worse=p_worse)
    if p_worse < alpha:
        lost = f"{test.loss:.1f}" if test.unit == "points" else f"{test.loss:.3f}"
        reason = f"{lost} {test.unit} lost, more than the margin of {margin:g} {confidence}"
        return replace(finding, verdict=Verdict.WORSE, reason=f"{reason}, corrected for {num_tests} tests.")
    if test.is_same:  # the reference may have more seeds than these, whose scores are no change
        same = replace(finding, reference=finding.run, change=0.0, low=0.0, high=0.0)
        return replace(same, verdict=Verdict.NOT_WORSE, reason="Every seed answers as the reference's.")
    if test.p_not_worse < alpha:
        reason = f"A loss of more than the margin of {margin:g} is excluded {confidence}."
        return replace(finding, verdict=Verdict.NOT_WORSE, reason=reason)
    level = alpha if test.loss < margin else alpha / num_tests
    advice, seeds_needed = _advice(test, abs(margin - test.loss), level)
    reason = f"The loss may be beyond the margin of {margin:g} or within it; {advice}."
    return replace(finding, reason=reason, seeds_needed=seeds_needed)


def _advice(test: _Test, distance: float, level: float) -> tuple[str, int | None]:
    """Return what would decide, if the loss stays what it is: a number of seeds on each side, or more examples."""
    from scipy import stats

    scale = len(test.parts) ** 2
    sides = [scores for part in test.parts for scores in part.with_donors()]
    one_seed = np.array([scores.seed_variance * len(scores.seeds) for scores in sides]) / scale
    of_examples = max(test.standard_error**2 - sum(scores.seed_variance for scores in sides) / scale, 0.0)
    counts = np.arange(2.0, MAX_SEEDS + 1)
    of_seeds = one_seed / counts[:, None]  # (counts, sides)
    seed_freedoms = np.broadcast_to(counts[:, None] - 1, of_seeds.shape)
    fewest = min(part.run.num_examples for part in test.parts)
    degrees_of_freedom = satterthwaite(of_seeds, seed_freedoms, np.full((len(counts), 1), of_examples), [fewest])
    error = np.sqrt(of_seeds.sum(axis=1) + of_examples)
    enough = np.flatnonzero(distance >= stats.t.isf(level, degrees_of_freedom) * error)
    if len(enough) and one_seed.any():
        number = int(counts[enough[0]])
        return f"about {number} seeds on each side would tell", number
    allowed = (distance / stats.norm.isf(level)) ** 2 - of_seeds[-1].sum()
    if allowed <= 0 or of_examples / allowed > MAX_TIMES:
        return "it is too near the margin for seeds or examples to tell", None
    return f"no number of seeds would tell, but about {math.ceil(of_examples / allowed)} times as many examples", None
