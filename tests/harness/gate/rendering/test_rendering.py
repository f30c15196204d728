"""`gate --format` as CI has it: what goes where, the same exit code in every form."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.cli import app
from harness.gate.rendering import RENDERERS
from tests.fakes.gate import PLAN, WORSE
from tests.fakes.synthetic import write_run
from tests.harness.gate.test_benchmarks import CASES, write

SMALL = replace(PLAN, tasks=("cola",), has_speed=False)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a run and a worse one."""
    root = tmp_path_factory.mktemp("gates")
    write_run(root / "before", SMALL)
    write_run(root / "worse", replace(WORSE, tasks=SMALL.tasks, has_speed=False))
    return root


def gate(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Return the exit code of `gate`."""
    monkeypatch.setattr(sys, "argv", ["harness", "gate", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        app.main()
    return int(end.value.code or 0)


@pytest.mark.parametrize("form", RENDERERS)
def test_every_form_has_the_exit_code(
    runs: Path, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    asked = (runs / "worse", "--reference", runs / "before", "--quality-only", "--format", form)
    assert gate(monkeypatch, *asked) == 1
    shown = capsys.readouterr().out
    assert gate(monkeypatch, *asked, "--out", tmp_path / "report") == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("gate failed: ")
    if form not in {"github", "text"}:  # GitHub's goes to two places; a terminal's is as wide as that is
        assert (tmp_path / "report").read_text() == shown


def test_github_gets_commands_a_summary_and_a_comment(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    out = tmp_path / "gate.md"
    assert gate(monkeypatch, runs / "worse", "--reference", runs / "before", "--format", "github", "--out", out) == 1
    assert capsys.readouterr().out.startswith("::error title=Gate::Gate failed: ")
    assert out.read_text().startswith("❌ **Gate failed: ")
    assert (tmp_path / "summary.md").read_text() == out.read_text() + "\n"


def test_files_of_pytest_benchmark(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    old = write(tmp_path / "old.json", CASES)
    new = write(tmp_path / "new.json", {name: 2 * seconds for name, seconds in CASES.items()})
    assert gate(monkeypatch, old, "--reference", old, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "passed"
    assert gate(monkeypatch, new, "--reference", old, "--format", "junit") == 1
    root = ElementTree.fromstring(capsys.readouterr().out.encode())
    assert [case.attrib["name"] for case in root.iter("testcase")] == [f"{name}, benchmark" for name in CASES]
    assert gate(monkeypatch, tmp_path / "none.json", "--reference", old) == 2
    assert gate(monkeypatch, old, "--reference", tmp_path) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
