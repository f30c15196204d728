"""Numbers as a person reads them."""

import math
from collections.abc import Iterable
from statistics import fmean
from typing import Literal, TypeVar

from harness.statistics.intervals import Estimate

DECIMALS = 1


Status = Literal["scored", "unsupported", "failed", "absent", "missing", "not asked"]


METRIC_NAMES = {
    "accuracy": "acc", "f1": "F1", "matthews": "Matthews", "pearson": "Pearson", "spearman": "Spearman", "exact": "EM",
    "exact_match": "EM",
}  # fmt: skip


SIGNS = {"unsupported": "–", "failed": "failed", "absent": "no data", "missing": "…", "not asked": ""}


Number = TypeVar("Number", int, float)


def metric_name(name: str) -> str:
    """Return a metric's name as it is usually printed."""
    return METRIC_NAMES.get(name, name.replace("_", " "))


def number(value: float) -> str:
    """Return a metric value in percent as tables show it."""
    return f"{value:z.{DECIMALS}f}"


def detectable_text(value: float) -> str:
    """Return a minimum detectable difference, or that there is none."""
    return number(value) if math.isfinite(value) else "none"


def digits(value: float, *, count: int = 3) -> str:
    """Return a positive number with ``count`` digits that matter, and all those before the point."""
    size = math.floor(math.log10(value)) if value > 0 else 0
    return f"{value:,.{min(max(count - 1 - size, 0), 9)}f}"


def milliseconds(seconds: float) -> str:
    """Return a latency in milliseconds; one of less than 0.01 is that of a call.

    >>> milliseconds(0.0125), milliseconds(2e-7)
    ('12.5', '< 0.01')
    """
    return digits(1e3 * seconds) if seconds >= 1e-5 else "< 0.01"


def known(values: Iterable[Number | None]) -> list[Number]:
    """Return those that are known."""
    return [value for value in values if value is not None]


def mean_of_known(values: Iterable[float | None]) -> float | None:
    """Return the mean of those that are known, or ``None``."""
    found = known(values)
    return fmean(found) if found else None


def interval_text(estimate: Estimate) -> str:
    """Return ``mean [low, high]``, or the mean alone where no interval is known."""
    if math.isnan(estimate.low):
        return number(estimate.value)
    return f"{number(estimate.value)} [{number(estimate.low)}, {number(estimate.high)}]"
