"""Whether probabilities mean what they say: calibration error, Brier score, and the reliability diagram's bins."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Bin:
    """The answers whose probability falls into one bin: mean probability and share of right ones, 0 to 1."""

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How far the probabilities of predicted labels are from how often they are right; each a mean over seeds.

    ``error`` is the expected calibration error, a share from 0 to 1; ``brier`` the Brier score, from 0 to 2; ``bins``
    are those of all seeds' answers together.
    """

    error: float
    brier: float
    bins: tuple[Bin, ...]
    num_seeds: int
