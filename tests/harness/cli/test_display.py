"""What commands print of a model that failed."""

import json
import sys
from pathlib import Path

import pytest

from harness.cli import app
from tests.fakes import TOY


def test_a_failure_is_filed_under_the_models_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One row of the table, not one of what was typed beside it; and the gate says the reason."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["harness", *arguments, "--plugin", str(TOY)])
        with pytest.raises(SystemExit):
            app.main()
        return capsys.readouterr().out

    models = ("--model", "majority", "--model", "mine=broken")
    shown = call("run", "--task", "toy", "--data", "sample", *models, "--out", "failing")
    (row,) = (line for line in shown.splitlines() if line.lstrip().startswith(("mine", "broken")))
    assert "failed" in row
    report = json.loads(call("gate", "failing", "--reference", "failing", "--format", "json"))
    (finding,) = (found for found in report["findings"] if found["verdict"] == "incomparable")
    assert finding["model"] == "mine"
    assert "seed 0 failed: " in finding["reason"]
