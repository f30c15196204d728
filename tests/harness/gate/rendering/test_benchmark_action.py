import json

import pytest

from harness.gate.rendering.benchmark_action import render_cost, render_quality
from tests.fakes.gate_reports import EVERYTHING, HOSTILE, INCOMPARABLE, report


def test_one_direction_a_file() -> None:
    quality, cost = json.loads(render_quality(EVERYTHING)), json.loads(render_cost(EVERYTHING))
    assert [(e["name"], e["unit"], e["value"]) for e in quality] == [
        ("sst2 × mini, quality", "points", 80.5),
        ("cola × mini, quality", "points", 37.25),
        ("mean over tasks × mini, quality", "points", 58.875),
    ]
    assert [(e["name"], e["unit"], e["value"]) for e in cost] == [
        ("cola × mini, latency", "seconds", 0.0055),
        ("cola × mini, memory", "bytes", 2.0**20),
    ]
    assert quality[1]["range"] == "−3.75 [−5.00, −2.50] to the reference"
    assert "range" not in cost[1]


def test_what_has_no_figure_has_no_entry() -> None:
    assert json.loads(render_quality(report(INCOMPARABLE))) == []
    assert len(json.loads(render_quality(HOSTILE), parse_constant=pytest.fail)) == 1
