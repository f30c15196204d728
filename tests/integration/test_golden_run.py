"""A run that an earlier version wrote: every command still reads it, and finds in it what that version found."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from harness.cli import app
from harness.store.examples import read_attributions, read_examples
from harness.store.run import Run
from tests.golden import GOLDEN

SCORES = {
    ("squad_v2", "majority"): 25.0,
    ("squad_v2", "transformer-tiny"): 25.0,
    ("sst2", "majority"): 58.333,
    ("sst2", "bag"): 50.0,
    ("stsb", "majority"): 0.0,
    ("stsb", "bag"): 29.165,
}
"""What the earlier version showed of seed 0."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(GOLDEN / "run_of_schema_1", tmp_path / "run")


def call(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run a command and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["harness", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        app.main()
    return int(end.value.code or 0)


def test_its_records_are_read(run: Path) -> None:
    opened = Run.open(run)
    results = opened.results()
    shown = {(r.task, r.model.name): pytest.approx(r.score, abs=1e-3) for r in results if r.seed == 0}
    assert shown == SCORES
    assert opened.info().models == ["majority", "bag", "transformer-tiny"]
    assert {speed.trial_key for speed in opened.speeds()} == {r.key for r in results if r.seed == 0}
    (trained,) = (result for result in results if result.model.name == "transformer-tiny")
    assert len(trained.losses) == 8
    for result in results:
        for split in set(result.data.num_examples) - {"train"}:
            assert len(opened.predictions(result, split)) == 12
    for path in run.glob("examples/*/*.parquet"):
        assert len(read_examples(path)) == 12
    for path in run.glob("trials/*/attributions-*.json"):
        assert len(read_attributions(path)) == 8


def test_report_and_compare(run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "report", run) == 0
    table = (run / "report" / "comparison.md").read_text()
    assert "58.3" in table
    assert "29.2" in table
    assert call(monkeypatch, "compare", run, "--model", "bag", "--model", "majority", "--json") == 0
    shown = capsys.readouterr().out
    assert "SST-2" in shown
    assert "STS-B" in shown


def test_leaderboard(run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "leaderboard", run, "--out", "board", "--json") == 0
    (shown,) = json.loads(capsys.readouterr().out)["runs"]
    assert len(shown["results"]) == 11


def test_the_gate_judges_it_and_by_it(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "reference", run, "--out", "reference.json") == 0
    for reference in (run, "reference.json"):
        capsys.readouterr()
        code = call(monkeypatch, "gate", run, "--reference", reference, "--margin", "100", "--quality-only")
        assert code == 0, capsys.readouterr()
