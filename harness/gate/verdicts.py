"""What the gate says: a verdict on each metric of each pair and of each model's mean, and of all of them together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

PASSED, FAILED, REFUSED = 0, 1, 2
"""Exit codes of the gate; the last is also that of a usage error."""


class Verdict(StrEnum):
    """What can be said of one metric."""

    WORSE = "worse"
    """By more than the margin, with the stated confidence."""
    NOT_WORSE = "not worse"
    """By no more than the margin, with the stated confidence."""
    CANNOT_TELL = "cannot tell"
    INCOMPARABLE = "incomparable"
    """A pair is missing on one side, or the two sides were not given the same task or data."""
    NOT_JUDGED = "not judged"
    """A metric of cost, where the two machines allow no comparison."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The verdict on one metric of one pair, or of a model's mean over the tasks, with what it rests on.

    Quality is in points: ``reference`` and ``run`` are scores, and ``change`` is the run's over the reference's, so a
    loss is negative. Cost is in ``unit``, and its ``change`` is a fraction of the reference: 0.25 is a quarter more.
    """

    metric: Literal["quality", "latency", "time per example", "memory", "benchmark"]
    model: str
    task: str | None
    """``None`` for the mean over the tasks; for ``benchmark`` the name of the case."""
    verdict: Verdict
    reason: str
    """In a sentence: why this verdict, or what would decide."""
    unit: str = "points"
    """``seconds`` and ``bytes`` of cost, and of quality ``points`` or what the score is in, such as ``bits``."""
    reference: float | None = None
    run: float | None = None
    change: float | None = None
    low: float | None = None
    """The change's interval at confidence 1 - 2 alpha, whose ends the two one-sided tests rest on."""
    high: float | None = None
    margin: float | None = None
    """The loss that is tolerated: points, or a fraction."""
    p_worse: float | None = None
    """Of the hypothesis that the loss is within the margin, corrected for the number of tests (Holm 1979)."""
    num_seeds: tuple[int, int] | None = None
    """Of the reference and of the run."""
    detectable: float | None = None
    """The minimum detectable loss: this comparison, taken alone, calls it worse with 90 % power."""
    seeds_needed: int | None = None
    """How many seeds on each side would decide, where seeds alone can; after ``cannot tell``."""


@dataclass(frozen=True, kw_only=True)
class GateReport:
    """All findings of one gate, quality first, each model's mean after its pairs."""

    run: str
    """The run's folder."""
    reference: str
    """The reference's file or folder."""
    alpha: float
    strict: bool
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    """What a reader should know beside the verdicts, in sentences: a sample's data, limits, other versions."""
    run_commit: str | None = None
    reference_commit: str | None = None
    versions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Libraries whose versions differ: (reference's, run's)."""

    def having(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the findings with a verdict."""
        return tuple(finding for finding in self.findings if finding.verdict is verdict)

    @property
    def exit_code(self) -> int:
        """2 if anything is incomparable, else 1 if anything is worse or, with ``strict``, cannot be told; else 0."""
        if not self.findings or self.having(Verdict.INCOMPARABLE):
            return REFUSED
        alarms = self.having(Verdict.WORSE) or (self.strict and self.having(Verdict.CANNOT_TELL))
        return FAILED if alarms else PASSED
