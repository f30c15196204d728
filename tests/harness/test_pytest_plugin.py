"""The fixture as a project's own test meets it, in a pytest of its own."""

import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = "pytester"

TOY = Path(__file__).parent / "toy.py"
REGISTERED = any(entry.value == "harness.pytest_plugin" for entry in entry_points(group="pytest11"))
LOAD = () if REGISTERED else ("-p", "harness.pytest_plugin")
CALL = """
def test_words(harness_gate):
    report = harness_gate(model="{model}", tasks=["toy"], reference="{reference}", seeds=2, data="sample",
                          plugins=["toy.py"], margin=5.0, {more})
    assert report.findings[0].verdict == "not worse"
"""


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of the toy models to gate by."""
    folder = tmp_path_factory.mktemp("reference") / "run"
    command = [sys.executable, "-m", "harness", "run", "--plugin", str(TOY), "--task", "toy", "--model", "words"]
    subprocess.run(
        [*command, "--model", "majority", "--seeds", "2", "--data", "sample", "--out", str(folder)],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """Give a project with the toy task and models, under git."""
    shutil.copy(TOY, pytester.path / "toy.py")
    pytester.path.joinpath(".gitignore").write_text("__pycache__\n.pytest_cache\n")
    for command in ("init -q", "add toy.py .gitignore", "-c user.name=a -c user.email=a@b commit -qm first"):
        subprocess.run(["git", *command.split()], cwd=pytester.path, check=True)
    return pytester


def run(project: pytest.Pytester, reference: Path | str, *, model: str = "words", more: str = "") -> pytest.RunResult:
    project.makepyfile(test_it=CALL.format(model=model, reference=reference, more=more))
    return project.runpytest_subprocess(*LOAD, "-p", "no:xdist")


def runs(project: pytest.Pytester) -> list[Path]:
    return [path.parent for path in project.path.glob(".pytest_cache/d/harness/*/*/run.json")]


def test_the_same_code_passes_and_is_run_once(project: pytest.Pytester, reference: Path) -> None:
    run(project, reference).assert_outcomes(passed=1)
    (kept,) = runs(project)
    results = {path: path.stat().st_mtime_ns for path in kept.glob("trials/*/result.json")}
    assert len(results) == 2
    run(project, reference).assert_outcomes(passed=1)
    assert {path: path.stat().st_mtime_ns for path in kept.glob("trials/*/result.json")} == results


def test_worse_code_fails_with_the_report_though_a_result_was_kept(project: pytest.Pytester, reference: Path) -> None:
    """The change is in code alone, which no key of a trial holds."""
    run(project, reference).assert_outcomes(passed=1)
    (before,) = runs(project)
    toy = project.path / "toy.py"
    planted = "return self.head(x.sum(1) / mask.sum(1, keepdim=True))"
    text = toy.read_text()
    assert planted in text
    toy.write_text(text.replace(planted, planted.replace("self.head(", "self.head(0 * ")))
    done = run(project, reference)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*words*toy*worse*", "*Gate failed: 1 worse*"])
    assert "Traceback" not in done.stdout.str()
    (after,) = runs(project)
    assert after != before


def test_what_cannot_be_compared_fails_and_says_so(project: pytest.Pytester, reference: Path) -> None:
    done = run(project, reference, more="limit=16")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*Gate refused: 1 incomparable*"])
    done = run(project, "none.json")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["harness_gate: none.json: *"])


def test_the_run_may_lie_elsewhere(project: pytest.Pytester, reference: Path) -> None:
    run(project, reference, model="majority", more="out='kept'").assert_outcomes(passed=1)
    assert (project.path / "kept" / "run.json").is_file()
    assert runs(project) == []


def test_an_unknown_argument_is_named(project: pytest.Pytester, reference: Path) -> None:
    done = run(project, reference, more="modle=1")
    done.stdout.fnmatch_lines(["*unexpected keyword argument 'modle'*"])


def test_nothing_heavy_is_loaded_with_the_plugin() -> None:
    code = "import harness.pytest_plugin, sys; print(*{'torch', 'scipy', 'pandas', 'transformers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_engine_does_without_pytest() -> None:
    code = "import harness.cli, harness.gating.commands, sys; print('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
