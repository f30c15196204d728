"""The fixture as a project's own test meets it, in a pytest of its own."""

import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.fakes import FAKES, TOY

pytest_plugins = "pytester"

KNOWING = FAKES / "knowing.py"
REGISTERED = any(entry.value == "harness.gate.pytest_plugin" for entry in entry_points(group="pytest11"))
LOAD = () if REGISTERED else ("-p", "harness.gate.pytest_plugin")
CALL = """
import os

def test_knowing(harness_gate):
    report = harness_gate(model="knowing", tasks=["toy"], reference="reference.json", seeds=2, data="sample",
                          plugins=["toy.py", "knowing.py"], **eval(os.environ["MORE"]))
    assert report.findings[0].verdict == "not worse"
"""


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a reference file of the toy task."""
    folder = tmp_path_factory.mktemp("reference")
    plugins = ("--plugin", str(TOY), "--plugin", str(KNOWING))
    out = ("--task", "toy", "--model", "knowing", "--seeds", "2", "--data", "sample", "--out", str(folder / "run"))
    for command in (("run", *out), ("reference", str(folder / "run"), "--out", str(folder / "reference.json"))):
        subprocess.run([sys.executable, "-m", "harness", *command, *plugins], check=True, capture_output=True)
    return folder / "reference.json"


@pytest.fixture
def project(pytester: pytest.Pytester, reference: Path) -> pytest.Pytester:
    """Give a project with a task, a model, a reference and a test, under git."""
    for file in (TOY, KNOWING, reference):
        shutil.copy(file, pytester.path)
    pytester.path.joinpath(".gitignore").write_text("__pycache__\n.pytest_cache\nkept\nstd*\nrunpytest-*\n")
    pytester.makepyfile(test_it=CALL)
    for command in (
        "init -q",
        "add toy.py knowing.py .gitignore",
        "-c user.name=a -c user.email=a@b commit -qm 1",
    ):
        subprocess.run(["git", *command.split()], cwd=pytester.path, check=True)
    return pytester


@pytest.fixture(autouse=True)
def _nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORE", "{}")


def run(project: pytest.Pytester) -> pytest.RunResult:
    return project.runpytest_subprocess(*LOAD, "-p", "no:xdist")


def results(project: pytest.Pytester) -> dict[Path, int]:
    """Return the results in pytest's cache, with when each was written."""
    found = project.path.glob(".pytest_cache/d/harness/*/*/trials/*/result.json")
    return {path: path.stat().st_mtime_ns for path in found}


def test_the_same_code_is_run_once_and_worse_code_fails(project: pytest.Pytester) -> None:
    """What changes is code alone, which no key of a trial holds: what is kept must not hide it."""
    run(project).assert_outcomes(passed=1)
    kept = results(project)
    assert len(kept) == 2
    run(project).assert_outcomes(passed=1)
    assert results(project) == kept

    model = project.path / "knowing.py"
    model.write_text(model.read_text().replace('words.index("blue")', "3"))
    done = run(project)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*toy × knowing*worse*", "*gate failed: 1 worse*"])
    assert "Traceback" not in done.stdout.str()
    assert len(results(project)) == 2
    assert not set(results(project)) & set(kept)


def test_what_cannot_be_compared_fails_and_says_so(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORE", "{'limit': 16, 'out': 'kept'}")
    done = run(project)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*gate refused: 1 incomparable*"])
    assert (project.path / "kept" / "run.json").is_file()
    assert results(project) == {}


def test_a_broken_reference_costs_no_training(project: pytest.Pytester) -> None:
    (project.path / "reference.json").write_text("{")
    done = run(project)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["harness_gate: reference.json: *"])
    assert results(project) == {}


def test_an_unknown_argument_is_named(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORE", "{'modle': 1}")
    run(project).stdout.fnmatch_lines(["*unexpected keyword argument 'modle'*"])


def test_nothing_heavy_is_loaded_with_the_plugin() -> None:
    heavy = {"torch", "scipy", "pandas", "transformers"}
    code = f"import harness.gate.pytest_plugin, sys; print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_engine_does_without_pytest() -> None:
    code = "import harness.cli.app, harness.cli.gate, sys; print('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_it_installs_with_the_package() -> None:
    about = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    plugins = about["project"]["entry-points"]["pytest11"]
    assert plugins == {"harness": "harness.gate.pytest_plugin"}
    assert not any(requirement.startswith("pytest") for requirement in about["project"]["dependencies"])
