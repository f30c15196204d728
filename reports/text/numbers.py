"""Numbers as a person reads them."""

import math
from collections.abc import Iterable
from statistics import fmean
from typing import Literal, TypeVar

from harness.statistics.intervals import Estimate

DECIMALS = {"%": 1}
"""By the unit of a metric; of any other, such as bits, there are three."""
OTHER_DECIMALS = 3
PERCENT = "%"


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


def number(value: float, unit: str = PERCENT) -> str:
    """Return a metric value as tables show it."""
    return f"{value:z.{decimals(unit)}f}"


def decimals(unit: str) -> int:
    """Return how many digits after the point a metric of this unit is shown with."""
    return DECIMALS.get(unit, OTHER_DECIMALS)


def unit_names(units: Iterable[str]) -> str:
    """Return the units of some scores, each once, in words; percent where there are none."""
    return " or ".join("percent" if unit == PERCENT else unit for unit in dict.fromkeys(units) if unit) or "percent"


def axis_units(units: Iterable[str]) -> str:
    """Return the units of some scores, each once, as an axis has them."""
    return ", ".join(dict.fromkeys(filter(None, units))) or PERCENT


def counted_in(unit: str) -> str:
    """Return what a difference of two metric values is counted in."""
    return "points" if unit == PERCENT else unit


def detectable_text(value: float, unit: str = PERCENT) -> str:
    """Return a minimum detectable difference, or that there is none."""
    return number(value, unit) if math.isfinite(value) else "none"


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
    value, low, high = (number(each, estimate.unit) for each in (estimate.value, estimate.low, estimate.high))
    return value if math.isnan(estimate.low) else f"{value} [{low}, {high}]"
