"""The gate in a terminal: a table of quality, one of cost, each with its own columns."""

import re

from harness.gate.rendering.text import render
from tests.fakes.gate_reports import EVERYTHING, SLOWER, WORSE, report

COMMON, LAST = ("reference", "run", "change", "p worse"), ("verdict", "reason")


def test_quality_and_cost_have_tables_of_their_own() -> None:
    quality, _, cost = render(EVERYTHING).partition("\ncost\n")
    assert quality.startswith("quality, in points\n")
    assert re.split(r" {2,}", quality.splitlines()[1].strip()) == [
        "model",
        "task",
        *COMMON,
        "detectable",
        "seeds",
        *LAST,
    ]
    assert "5 / 5" in quality
    assert re.split(r" {2,}", cost.splitlines()[0].strip()) == ["model", "task", "figure", *COMMON, "margin", *LAST]
    assert "latency" in cost
    assert "10 %" in cost
    assert "latency" not in quality


def test_a_table_without_rows_is_left_out() -> None:
    assert "cost" not in render(report(WORSE))
    assert "quality" not in render(report(SLOWER))
