"""Looking again after each seed: how small must a p-value be, so that all looks together err no more often than one?

The method is Pocock's (1977): every look has the same nominal level, chosen so that the probability that any of them
shows a p-value as small, were the loss exactly the margin, is alpha. Holm's correction goes over all pairs and means,
those that are decided with the p-values that they were decided by (Maurer and Bretz 2013), so the probability of a
false alarm among all pairs, means and looks of a gate is at most alpha. A mean is judged while none of its pairs is
decided, then stays.

The probability of crossing is computed for sums of independent seeds against a reference known exactly, by the
recursion of Armitage, McPherson and Rowe (1969). A reference of some seeds, and the same examples at each look, make
looks more correlated, and then the probability is smaller (Slepian 1962). The statistics are Student's, the joint law
is that of normal ones: an approximation (Jennison and Turnbull 2000, section 4.4), held to its promise by
``tests/bench/gate_simulation.py``.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from harness.api.metric import Floats
from harness.gate.quality import Pair, PairScores, judge
from harness.gate.verdicts import Finding, Verdict

FIRST_LOOK = 2
"""Seeds before the first look: one tells nothing of the variance over seeds."""
_LOWEST = -7.0
"""A standard normal is never below; what is lost is under 1e-11."""
_CRITICAL = np.linspace(7.0, 0.0, 71)


def look_level(alpha: float, *, num_tests: int, max_seeds: int) -> float:
    """Return the level of each look's tests, Holm-corrected over ``num_tests``, at which all looks together have alpha.

    It is Pocock's level for alpha over the number of tests, times that number. For later steps of Holm's procedure that
    is a little less than it could be.
    """
    if max_seeds <= FIRST_LOOK:
        return alpha
    nominal, crossing = _table(max_seeds)
    return num_tests * float(np.exp(np.interp(math.log(alpha / num_tests), np.log(crossing), np.log(nominal))))


def over_looks(p_value: float, *, num_tests: int, max_seeds: int) -> float:
    """Return what a look's p-value, Holm-corrected over ``num_tests``, is when there may be so many looks.

    It is below alpha just where ``p_value`` is below :func:`look_level`.
    """
    if max_seeds <= FIRST_LOOK:
        return p_value
    nominal, crossing = _table(max_seeds)
    one = math.log(max(p_value, 1e-300) / num_tests)
    if one < math.log(nominal[0]):  # so small that looks hardly overlap: Bonferroni's bound
        return min(1.0, p_value * (max_seeds - FIRST_LOOK + 1))
    together = num_tests * float(np.exp(np.interp(one, np.log(nominal), np.log(crossing))))
    return min(1.0, max(p_value, together))


@lru_cache
def _table(max_seeds: int) -> tuple[Floats, Floats]:
    """Return nominal levels, the smallest first, and the probability that any look crosses at that level."""
    from scipy import stats

    crossing = np.array([_crossing(float(critical), max_seeds) for critical in _CRITICAL])
    return stats.norm.sf(_CRITICAL), crossing


def _crossing(critical: float, max_seeds: int) -> float:
    """Return the probability that a sum of k standard normals exceeds ``critical`` times the root of k at any look.

    The density of sums that have not crossed is carried from look to look on Gauss and Legendre's points.
    """
    from scipy import stats

    points, weights = np.polynomial.legendre.leggauss(16 * math.ceil(math.sqrt(max_seeds)))

    def below_boundary(seeds: int) -> tuple[Floats, Floats]:
        low, high = _LOWEST * math.sqrt(seeds), critical * math.sqrt(seeds)
        return low + (high - low) * (points + 1) / 2, weights * (high - low) / 2

    sums, widths = below_boundary(FIRST_LOOK)
    density = stats.norm.pdf(sums, scale=math.sqrt(FIRST_LOOK))
    crossed = float(stats.norm.sf(critical))
    for seeds in range(FIRST_LOOK + 1, max_seeds + 1):
        mass = density * widths
        crossed += float(mass @ stats.norm.sf(critical * math.sqrt(seeds) - sums))
        following, widths = below_boundary(seeds)
        density = mass @ np.exp(-((following[None, :] - sums[:, None]) ** 2) / 2) / math.sqrt(2 * math.pi)
        sums = following
    return crossed


class Looks:
    """The looks at the pairs of one gate, of which each stops as soon as it is decided.

    ``pairs`` are all that there are; ``margin`` and ``alpha`` as for :func:`harness.gate.quality.judge`.
    """

    def __init__(self, pairs: Collection[Pair], *, margin: float, alpha: float, max_seeds: int) -> None:
        means = sum(count > 1 for count in Counter(model for _, model in pairs).values())
        self._num_tests = len(pairs) + means
        self._margin, self._max_seeds = margin, max_seeds
        self._level = look_level(alpha, num_tests=self._num_tests, max_seeds=max_seeds)
        self._decided: dict[tuple[str | None, str], Finding] = {}
        self._last: tuple[Finding, ...] = ()
        self._exhausted: set[Pair] = set()
        self.num_seeds = dict.fromkeys(pairs, FIRST_LOOK)
        """The seeds that each pair needs for the next look, or had when it was decided."""

    @property
    def undecided(self) -> list[Pair]:
        """The pairs that another seed could decide."""
        return [pair for pair in self.num_seeds if pair not in self._decided and pair not in self._exhausted]

    def look(self, pairs: Mapping[Pair, PairScores]) -> None:
        """Judge all pairs, each by its first seeds, and ask for one more of those still undecided."""
        narrowed = {pair: first_seeds(scores, self.num_seeds[pair]) for pair, scores in pairs.items()}
        self._last = judge(narrowed, margin=self._margin, alpha=self._level)
        for finding in self._last:
            self._settle(finding)
        for pair in self.undecided:
            if self.num_seeds[pair] < self._max_seeds:
                self.num_seeds[pair] += 1
            else:
                self._exhausted.add(pair)

    def give_up(self, pair: Pair) -> None:
        """Ask for no more seeds of a pair, because they fail."""
        self._exhausted.add(pair)

    def _settle(self, finding: Finding) -> None:
        """Keep a finding that is final: one that decides, or a mean's once a pair of it goes no further."""
        stopped = finding.task is None and any(
            model == finding.model and (task, model) in self._decided for task, model in self.num_seeds
        )  # a mean's pairs come before it, so this is the last look at which all had as many seeds
        if stopped or finding.verdict in {Verdict.WORSE, Verdict.NOT_WORSE}:
            self._decided.setdefault((finding.task, finding.model), finding)

    def findings(self) -> tuple[Finding, ...]:
        """Return the verdict on each pair and mean, with p-values that count all looks."""
        return tuple(self._final(finding) for finding in self._last)

    def _final(self, last: Finding) -> Finding:
        finding = self._decided.get((last.task, last.model), last)
        if finding.task is None and finding.verdict is Verdict.CANNOT_TELL and self._none_worse(finding.model):
            # Whose every task has lost no more than the margin cannot have lost more in the mean (Berger 1982).
            reason = "Each of its tasks is not worse, so neither is their mean."
            finding = replace(finding, verdict=Verdict.NOT_WORSE, reason=reason, seeds_needed=None)
        if finding.p_worse is None:
            return finding
        corrected = over_looks(finding.p_worse, num_tests=self._num_tests, max_seeds=self._max_seeds)
        return replace(finding, p_worse=corrected)

    def _none_worse(self, model: str) -> bool:
        found = [self._decided.get(pair) for pair in self.num_seeds if pair[1] == model]
        return all(finding is not None and finding.verdict is Verdict.NOT_WORSE for finding in found)


def first_seeds(scores: PairScores, num_seeds: int) -> PairScores:
    """Return a pair as it was when the run had only so many seeds of it."""
    run = replace(scores.run, seeds=scores.run.seeds[:num_seeds], resampled=scores.run.resampled[:num_seeds])
    return replace(scores, run=run, run_seeds=scores.run_seeds[:num_seeds])
