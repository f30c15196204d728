"""The command `verify`, as a person and as a script has it."""

import json
import sys
from pathlib import Path

import pytest

from harness.cli import app
from harness.store.run import Run
from tests.fakes.synthetic import Plan, write_run

GOLDEN = Path(__file__).parent.parent.parent / "golden" / "run_of_schema_1"


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["harness", *arguments])
    with pytest.raises(SystemExit) as end:
        app.main()
    code = end.value.code or 0
    assert isinstance(code, int)
    return code


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_run(
        tmp_path / "run", Plan(tasks=("cola",), models=("low", "top"), num_seeds=2, num_questions=5, has_speed=False)
    )


def test_a_whole_run(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "verify", str(run.folder)) == 0
    assert capsys.readouterr().out.endswith(" files checked: whole\n")


def test_a_damaged_run(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    key = run.results()[0].key
    path = run.predictions_path(key, "validation")
    path.unlink()
    assert call(monkeypatch, "verify", str(run.folder)) == 1
    first, again, last = capsys.readouterr().out.splitlines()
    assert first == f"{path}: cannot be read: No such file or directory; `run` does the trial again"
    assert again == f"to do again: trial {key}"
    assert last.endswith(" files checked: 1 problem")
    assert call(monkeypatch, "verify", str(run.folder), "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["trials"], document["speeds"]) == ([key], [])
    assert [problem["path"] for problem in document["problems"]] == [str(path)]


def test_a_damaged_result_is_refused_by_a_report_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run.result_path(run.results()[0].key)
    path.write_bytes(path.read_bytes().replace(b'"score":', b'"scord":'))
    assert call(monkeypatch, "report", str(run.folder)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {path}: its checksum does not fit")
    assert f"`python -m harness verify {run.folder}`" in line


def test_a_run_of_an_earlier_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "verify", str(GOLDEN)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.endswith(": no checksum (made by an earlier version)") for line in lines[:-1])
    assert lines[-1].endswith(" files checked: whole")


def test_a_folder_that_is_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "verify", str(tmp_path)) == 2
    assert "not a run" in capsys.readouterr().err
