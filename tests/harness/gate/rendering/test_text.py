"""The gate in a terminal: what failed first and the rest counted; or all of it, in tables of quality and of cost."""

import re
from dataclasses import replace

from harness.gate.rendering.text import render, render_all
from tests.fakes.gate_reports import EVERYTHING, MANY, NOT_JUDGED, NOT_WORSE, SLOWER, WORSE, report

COMMON, LAST = ("reference", "run", "change", "p worse"), ("verdict", "reason")


def test_quality_and_cost_have_tables_of_their_own() -> None:
    quality, _, cost = render_all(EVERYTHING).partition("\ncost\n")
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
    assert re.split(r" {2,}", cost.splitlines()[0].strip()) == ["model", "task", "metric", *COMMON, "margin", *LAST]
    assert "latency" in cost
    assert "10 %" in cost
    assert "latency" not in quality


def test_a_table_without_rows_is_left_out() -> None:
    assert "cost" not in render_all(report(WORSE))
    assert "quality" not in render_all(report(SLOWER))


def test_what_failed_comes_first_with_change_and_reason() -> None:
    first, second, third, *rest = render(EVERYTHING).splitlines()
    assert first == (
        "cola × mini, quality: worse: 41.00 → 37.25, change −3.75 [−5.00, −2.50], margin 1 point. "
        "The loss is beyond the margin."
    )
    assert second.startswith("cola × mini, latency: worse: 4 ms → 5.5 ms, change +37.5 %")
    assert third.startswith("mean over tasks × mini, quality: cannot tell: ")
    assert rest[:2] == [
        "1 not judged: Another machine. (`gate --verbose` shows each)",
        "1 not worse (`gate --verbose` shows each)",
    ]
    assert rest[-1] == "gate failed: 2 worse, 1 cannot tell, 1 not judged, 1 not worse"


def test_what_is_right_is_one_line() -> None:
    right = [replace(NOT_WORSE, task=f"task {number}") for number in range(22)]
    lines = render(report(*right, *(replace(NOT_JUDGED, task=str(number)) for number in range(3)))).splitlines()
    assert "22 not worse (`gate --verbose` shows each)" in lines
    assert "3 not judged: Another machine. (`gate --verbose` shows each)" in lines
    assert not any("task 7" in line for line in lines)
    assert sum("task 7" in line for line in render_all(report(*right)).splitlines()) == 1


def test_all_of_it_has_the_worst_first() -> None:
    rows = [line for line in render_all(EVERYTHING).splitlines() if line.strip().startswith("mini")]
    assert [("worse" in row and "not worse" not in row) for row in rows] == [True, False, False, True, False]
    assert render(MANY).count("worse: 41.00") == len(MANY.findings)
