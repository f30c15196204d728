"""The plugins that the docs show: they pass the conformance checks, and they run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.catalog import load_catalog
from harness.store.run import Run
from harness.testing import check_model, check_task

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "examples"
FILES = sorted(EXAMPLES.glob("*.py"))
OPTIONS = [option for file in FILES for option in ("--plugin", str(file))]


def test_they_keep_the_bargain() -> None:
    catalog = load_catalog([str(file) for file in FILES])
    check_task(catalog.task("haiku"))
    check_model(catalog.model("nearest"), catalog.task("haiku"))


def test_they_run_on_the_rows_beside_the_task(tmp_path: Path) -> None:
    asked = ["--task", "haiku", "--model", "nearest", "--model", "majority", "--out", "haiku"]
    command = [sys.executable, "-m", "harness", "run", *OPTIONS, *asked]
    hub = {"HF_ENDPOINT": "http://127.0.0.1:9"}  # nobody is there, and nobody is asked
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=os.environ | hub)
    assert done.returncode == 0, done.stderr
    run = Run.open(tmp_path / "haiku")
    scores = {result.model.name: result.score for result in run.results()}
    assert scores["majority"] == 25.0
    assert scores["nearest"] > 75.0
    assert {speed.model for speed in run.speeds()} == {"nearest", "majority"}
    assert {result.data.kind for result in run.results()} == {"folder"}
    assert not run.info().is_sample
    assert "data: the files that come with the task" in done.stderr
    assert "generated sample" not in (run.folder / "report" / "index.html").read_text()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_they_are_short_and_use_the_public_names_alone(file: Path) -> None:
    lines = file.read_text().splitlines()
    assert len(lines) <= 40
    assert [line for line in lines if "harness" in line and not line.startswith("from harness import ")] == []
