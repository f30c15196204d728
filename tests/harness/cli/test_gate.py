"""`gate` and `reference` as their user meets them: exit codes, the report, and one line for a mistake."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness.cli import app
from harness.store.run import Run
from tests.fakes.gate import PLAN, WORSE
from tests.fakes.synthetic import write_run

SMALL = replace(PLAN, tasks=("cola", "mrpc"))


@dataclass(frozen=True)
class Done:
    code: int
    output: str
    errors: str


Call = Callable[..., Done]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    def call(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["harness", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            app.main()
        code = end.value.code
        return Done(code if isinstance(code, int) else 0, *capsys.readouterr())

    return call


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a run, one that is worse, one that nobody can tell, and a reference file."""
    root = tmp_path_factory.mktemp("gates")
    write_run(root / "before", SMALL)
    write_run(root / "worse", replace(WORSE, tasks=SMALL.tasks))
    write_run(root / "restless", replace(SMALL, models=("floor", "good", "better")))
    return root


def test_a_pass_a_failure_and_a_refusal(call: Call, folder: Path) -> None:
    made = call("reference", folder / "before", "--out", folder / "reference.json")
    assert (made.code, made.output) == (0, f"written: {folder / 'reference.json'} (4 pairs)\n")
    passed = call("gate", folder / "before", "--reference", folder / "reference.json")
    assert passed.code == 0
    assert passed.output.splitlines()[-1] == "gate passed: 4 not judged, 14 not worse"  # batches have 5 samples
    failed = call("gate", folder / "worse", "--reference", folder / "reference.json", "--quality-only")
    assert failed.code == 1
    assert failed.output.splitlines()[-1].startswith("gate failed: 3 worse")
    one = write_run(folder / "one", replace(SMALL, models=("floor",)))
    refused = call("gate", one.folder, "--reference", folder / "reference.json", "--quality-only")
    assert refused.code == 2
    assert refused.output.splitlines()[-1] == "gate refused: 2 incomparable, 3 not worse"


def test_strict_fails_where_nobody_can_tell(call: Call, folder: Path) -> None:
    arguments = ("gate", folder / "restless", "--reference", folder / "before", "--quality-only", "--model", "good")
    lenient, strict = call(*arguments, "--margin", 35), call(*arguments, "--margin", 35, "--strict")
    assert "cannot tell" in lenient.output.splitlines()[-1]
    assert (lenient.code, strict.code) == (0, 1)


def test_a_report_in_a_file(call: Call, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "gate.txt"
    done = call("gate", folder / "before", "--reference", folder / "before", "--out", out, "--quality-only")
    assert done.output == f"gate passed: 6 not worse (written: {out})\n"
    assert out.read_text().splitlines()[-1] == "gate passed: 6 not worse"


def test_a_mistake_is_one_line_and_code_2(call: Call, folder: Path, tmp_path: Path) -> None:
    before, empty = folder / "before", Run(tmp_path / "empty")
    empty.save_info(Run(before).info())
    (tmp_path / "cut.json").write_text('{"schema_version": 1, "pa')
    (tmp_path / "newer.json").write_text(json.dumps({"schema_version": 99}))
    for arguments, complaint in [
        (("gate", tmp_path, "--reference", before), "not a run; expected a folder made by"),
        (("gate", before, "--reference", tmp_path), "not a run; expected a folder made by"),
        (("gate", before, "--reference", "nowhere.json"), "nowhere.json: cannot be read (No such file or directory)"),
        (("gate", before, "--reference", tmp_path / "cut.json"), "is it cut short?"),
        (("gate", before, "--reference", tmp_path / "newer.json"), "made by a newer version of harness"),
        (("gate", empty.folder, "--reference", before), "holds no results"),
        (("gate", before, "--reference", before, "--format", "tetx"), "--format tetx: expected text"),
        (("gate", before, "--reference", before, "--alpha", "0.6"), "--alpha 0.6: expected a chance"),
        (("gate", before, "--reference", before, "--task", "colaa"), "Did you mean cola?"),
        (("gate", before, "--reference", before, "--out", tmp_path), "is a folder; expected the name of a file"),
        (("reference", before, "--out", tmp_path), "is a folder; expected the name of a file"),
        (("reference", empty.folder, "--out", tmp_path / "x.json"), "holds no results"),
        (("reference", before, "--out", tmp_path / "x.json", "--model", "x"), "has none; it has: floor, good."),
    ]:
        done = call(*arguments)
        assert (done.code, done.output) == (2, ""), arguments
        assert complaint in done.errors
        assert done.errors.startswith("error: ")
        assert done.errors.count("\n") == 1
    assert not (tmp_path / "x.json").exists()


def test_the_table_says_what_was_judged(call: Call, folder: Path) -> None:
    lines = call("gate", folder / "worse", "--reference", folder / "before", "-v").output.splitlines()
    assert lines[0].split(",")[0] == "quality"
    row = next(line for line in lines if line.split()[:2] == ["good", "cola"])
    assert " worse " in row
    assert " 3 / 3 " in row
    assert any(line.split()[:3] == ["good", "cola", "latency"] for line in lines)
    assert "good × cola" not in "".join(lines)
    assert any(line.startswith("note: cola × good, mrpc × good: changed in width") for line in lines)
