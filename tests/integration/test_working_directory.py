"""Commands are run where other projects lie: what bears the names of our packages there does not hide ours."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.store.run import Run

SCRIPT = "import sys\nfrom harness.cli.app import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
"""What an installer makes of an entry point."""

COMMAND = [sys.executable, "-m", "harness"]
THEIRS = 'raise RuntimeError("this is not ours")\n'
Place = Callable[[Path, str], None]
OURS = ("tasks", "baselines", "reports")


def module(folder: Path, name: str) -> None:
    (folder / f"{name}.py").write_text(THEIRS)


def package(folder: Path, name: str) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(THEIRS)


def plain_folder(folder: Path, name: str) -> None:
    (folder / name).mkdir()
    (folder / name / "notes.txt").write_text("")
    (folder / name / "glue.py").write_text(THEIRS)


@pytest.fixture
def script(tmp_path: Path) -> list[str]:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "harness").write_text(SCRIPT)
    return [sys.executable, str(tmp_path / "bin" / "harness")]


def call(command: Sequence[str], folder: Path, *arguments: str) -> str:
    """Return what a command prints in a folder."""
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("theirs", [module, package, plain_folder])
def test_ours_are_listed(tmp_path: Path, theirs: Place) -> None:
    for name in OURS:
        theirs(tmp_path, name)
    listed = json.loads(call(COMMAND, tmp_path, "list", "--json"))
    assert {"cola", "squad"} <= set(listed["tasks"])
    assert {"majority", "transformer-tiny"} <= set(listed["models"])


@pytest.mark.parametrize("is_script", [False, True], ids=["module", "script"])
def test_a_run_and_its_workers_see_ours(tmp_path: Path, script: list[str], is_script: bool) -> None:
    for name, theirs in zip(OURS, (module, package, plain_folder), strict=True):
        theirs(tmp_path, name)
    if is_script:
        package(tmp_path, "harness")
    asked = ("--task", "cola", "--model", "majority", "--data", "sample", "--limit", "12", "--out", "run")
    assert "majority" in call(script if is_script else COMMAND, tmp_path, "run", *asked)
    assert len(Run(tmp_path / "run").results()) == len(Run(tmp_path / "run").speeds()) == 1


@pytest.mark.parametrize("theirs", [module, plain_folder])
def test_the_script_does_not_see_a_harness_either(tmp_path: Path, script: list[str], theirs: Place) -> None:
    theirs(tmp_path, "harness")
    assert "cola" in call(script, tmp_path, "list")


@pytest.mark.parametrize("theirs", [module, package])
def test_python_itself_is_told_not_to_look_there(tmp_path: Path, theirs: Place) -> None:
    theirs(tmp_path, "harness")
    assert "cola" in call([sys.executable, "-P", "-m", "harness"], tmp_path, "list")
    hidden = subprocess.run(
        [sys.executable, "-m", "harness", "list"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "this is not ours" in hidden.stderr, "Python runs theirs, and ours can do nothing about it"


@pytest.mark.parametrize("theirs", [module, package])
def test_in_a_process_of_somebody_else_it_is_a_clear_error(tmp_path: Path, theirs: Place) -> None:
    theirs(tmp_path, "tasks")
    (found,) = tmp_path.rglob("*.py")
    found.write_text("")
    command = [sys.executable, "-c", "from harness.catalog import load_catalog; load_catalog()"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"harness.errors.UsageError: {found} hides the package 'tasks' of harness (")
