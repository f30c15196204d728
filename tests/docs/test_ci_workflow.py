"""The workflow of the guide, followed step by step in an empty repository: it makes its reference, passes and fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import ROOT, blocks
from tests.fakes.counting_words import save_counting_checkpoint, shuffle_weights

JOBS: dict[str, Any] = yaml.safe_load(
    blocks((ROOT / "docs" / "guides" / "ci.md").read_text(encoding="utf-8"), "yaml")[0].text
)["jobs"]


def shell(command: str, folder: Path) -> int:
    """Do a step as a runner does, and return its exit code."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
        "GITHUB_STEP_SUMMARY": str(folder.parent / "summary.md"),
    }
    if command.startswith("pip install"):
        command = "python -c 'import harness'"
    return subprocess.run(["bash", "-e", "-c", command], cwd=folder, env=environment, check=False).returncode


def codes(job: str, folder: Path) -> list[int]:
    """Do the steps of a job in a fresh checkout, until one fails, and return their exit codes."""
    shutil.rmtree(folder / "runs", ignore_errors=True)
    done: list[int] = []
    for step in JOBS[job]["steps"]:
        if "run" in step and not any(done):
            done.append(shell(step["run"], folder))
    return done


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_workflow_makes_its_reference_and_gates_a_checkpoint(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
    save_counting_checkpoint(folder / "checkpoint")
    assert codes("reference", folder) == [0, 0, 0]
    assert codes("gate", folder) == [0, 0, 0, 0]
    shuffle_weights(folder / "checkpoint")
    assert codes("gate", folder) == [0, 0, 0, 1]
    assert "❌" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert (folder / "gate.xml").is_file()


def test_both_jobs_train_the_same() -> None:
    trained = [
        [step["run"].partition(" --out ")[0] for step in JOBS[job]["steps"] if "harness run" in step.get("run", "")]
        for job in ("reference", "gate")
    ]
    assert trained[0] == trained[1] != []
