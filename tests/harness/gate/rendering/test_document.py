import json

import pytest

from harness.gate.rendering.document import render
from tests.fakes.gate_reports import EVERYTHING, HOSTILE, NASTY


def test_everything_is_there() -> None:
    made = json.loads(render(EVERYTHING))
    assert (made["schema_version"], made["outcome"], made["exit_code"]) == (2, "failed", 1)
    assert made["versions"] == {"torch": ["2.8.0", "2.9.0"]}
    assert made["findings"][1] == {
        "metric": "quality", "model": "mini", "task": "cola", "verdict": "worse",
        "reason": "The loss is beyond the margin.", "unit": "points", "reference": 41.0, "run": 37.25, "change": -3.75,
        "low": -5.0, "high": -2.5, "margin": 1.0, "p_worse": 0.0012, "num_seeds": [5, 5], "detectable": 2.1,
        "seeds_needed": None,
    }  # fmt: skip


def test_no_number_is_beyond_json() -> None:
    (first, _) = json.loads(render(HOSTILE), parse_constant=pytest.fail)["findings"]
    assert (first["change"], first["low"]) == (None, None)
    assert first["model"] == NASTY.replace("\ud800", "?")
    render(HOSTILE).encode()
