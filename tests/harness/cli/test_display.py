"""What commands print of a model that failed."""

import json
import sys
from pathlib import Path

import pytest

from harness.cli import app
from harness.cli.display import failure_lines
from tests.fakes import TOY
from tests.fakes.synthetic import Plan, write_run


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


def test_what_failed_for_one_reason_is_one_line(tmp_path: Path) -> None:
    failed = [("cola", "mini", 0), ("mrpc", "mini", 1), ("mrpc", "big", 0)]
    run = write_run(tmp_path / "run", Plan(failed=failed, has_speed=False, num_steps=1))
    first, second = failure_lines(run)
    assert first.startswith("failed: mini on cola, mrpc (2 trials): TrainingError: the loss is <nan> | at step 3")
    assert second.startswith("failed: big on mrpc (seed 0): ")
    assert second.endswith(f"(see {run.trial_folder('mrpc--failed--seed0') / 'failure.json'})")
