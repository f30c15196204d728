"""How values of a finding read, in units that fit their size."""

from dataclasses import replace

import pytest

from harness.gate.rendering.wording import amount, change, margin
from tests.fakes.gate_reports import NOT_JUDGED, SLOWER, WORSE


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (1.0, "1 s"),
        (0.999, "999 ms"),
        (1e-3, "1 ms"),
        (2.5e-5, "25 µs"),
        (1e-6, "1 µs"),
        (9.99e-7, "999 ns"),
        (5e-10, "0.5 ns"),
    ],
)
def test_seconds(seconds: float, shown: str) -> None:
    assert amount(SLOWER, seconds) == shown


@pytest.mark.parametrize(
    ("size", "shown"), [(2.0**30, "1.00 GiB"), (2.0**20, "1.00 MiB"), (1536.0, "1.50 KiB"), (1023.0, "1023 B")]
)
def test_bytes(size: float, shown: str) -> None:
    assert amount(NOT_JUDGED, size) == shown


def test_points_and_percent() -> None:
    assert amount(WORSE, -1.005) in {"−1.00", "−1.01"}
    assert (amount(WORSE, -0.001), amount(WORSE, None)) == ("0.00", "")
    assert change(WORSE) == "−3.75 [−5.00, −2.50]"
    assert change(replace(WORSE, low=None)) == "−3.75"
    assert (change(replace(WORSE, change=None)), margin(replace(WORSE, margin=None))) == ("", "")
    assert [margin(replace(WORSE, margin=points)) for points in (1.0, 2.5)] == ["1 point", "2.5 points"]
    assert (margin(SLOWER), change(SLOWER)) == ("10 %", "+37.5 % [+30.0 %, +45.0 %]")
