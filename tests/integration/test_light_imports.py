"""What a command does not load: what is asked for in a moment must not pay for torch."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"torch", "pandas", "transformers", "datasets", "matplotlib", "sklearn", "scipy", "pyarrow"}


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["list"], ["run", "--task", "cola", "--model", "majority", "--data", "sample", "--dry-run"]],
    ids=["help", "list", "dry run"],
)
def test_heavy_libraries_are_not_loaded(arguments: list[str], tmp_path: Path) -> None:
    loaded = modules_of(*arguments, folder=tmp_path)
    assert "harness.cli.app" in loaded
    assert not loaded & HEAVY


def test_help_loads_nothing_that_runs_or_reads(tmp_path: Path) -> None:
    loaded = modules_of("--help", folder=tmp_path)
    assert not loaded & {
        "tasks",
        "baselines",
        "reports",
        "harness.catalog",
        "harness.store.run",
        "harness.plan.request",
    }


def modules_of(*arguments: str, folder: Path) -> set[str]:
    """Return the names of all modules that a command imports."""
    command = [sys.executable, "-X", "importtime", "-m", "harness", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    return {line.split("|")[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
