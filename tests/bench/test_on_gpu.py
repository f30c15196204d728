"""The check of a GPU in its small version on a CPU: that all of it works, and how it judges."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.bench.on_gpu.__main__ import do
from tests.bench.on_gpu.cuda_tests import count
from tests.bench.on_gpu.records import Device, Report, Row
from tests.bench.on_gpu.sections import SECTIONS, Part, memory_bound
from tests.bench.on_gpu.trials import Bench, Findings


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a whole check."""
    folder = tmp_path_factory.mktemp("on_gpu")
    command = [sys.executable, "-m", "tests.bench.on_gpu", "--small", "--out", str(folder)]
    patient = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}  # threads that wait do not take the time of other tests
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=patient)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def report(out: Path) -> Report:
    return Report.model_validate_json((out / "on_gpu.json").read_text())


@pytest.mark.long
def test_every_part_is_done(report: Report) -> None:
    assert {section.name: section.outcome for section in report.sections} == dict.fromkeys(SECTIONS, "done")
    assert {row.section for row in report.rows} == set(SECTIONS)
    assert report.is_small
    assert "not the real benchmark" in report.data
    assert report.versions["torch"]


@pytest.mark.long
def test_what_is_checked_passes_and_what_is_measured_is_there(report: Report) -> None:
    checked = [row for row in report.rows if row.passed is not None]
    assert len([row for row in checked if row.section == "sameness"]) == 4
    assert len([row for row in checked if row.section == "suite"]) == 3
    assert all(row.passed for row in checked)
    compared = [row for row in report.rows if row.section == "against"]
    assert len(compared) == 2 * 5
    assert all(row.ratio and row.ratio > 0 for row in compared)
    shared = [row.name for row in report.rows if row.section == "sharing" and row.ratio]
    assert shared == [f"2 small trials, {workers} at a time" for workers in (1, 2, 4)]
    pretrained = [row for row in report.rows if row.section == "pretraining"]
    assert [row.unit for row in pretrained] == ["tokens/s", "%"]
    assert all(row.ratio and row.ratio > 0 for row in pretrained)
    assert {found.model for found in report.throughputs} == {"bert-base", "ours-small"}
    assert all({1, 8, 32} == set(found.batch_seconds) for found in report.throughputs)


@pytest.mark.long
def test_the_page_has_a_row_a_measurement_and_plots_lie_beside_it(out: Path, report: Report) -> None:
    page = (out / "on_gpu.md").read_text()
    assert "says that all of it works, and nothing about speed" in page
    rows = [line for line in page.splitlines() if line.startswith(tuple(f"| {name} |" for name in SECTIONS))]
    assert len(rows) == len(report.rows) + len(report.sections)
    for name in ("throughput", "ratios"):
        assert (out / f"{name}.png").read_bytes().startswith(b"\x89PNG")


DEVICE = Device(
    kind="cuda", name="Made-up 9000", driver="1", cuda="13.0", precision="bfloat16", peak_flops_per_second=1e15
)
BENCH = cast(Bench, SimpleNamespace(device=DEVICE))


def fail(_bench: Bench, findings: Findings) -> None:
    findings.rows.append(Row(section="part", name="before", unit="s"))
    raise ZeroDivisionError("planted")


def dawdle(_bench: Bench, _findings: Findings) -> None:
    time.sleep(60)


def test_a_part_that_fails_or_takes_too_long_is_recorded() -> None:
    findings = Findings()
    failed = do("part", Part(do=fail, budget_seconds=10.0), BENCH, findings)
    assert (failed.outcome, failed.reason) == ("failed", "ZeroDivisionError: planted")
    assert [row.name for row in findings.rows] == ["before"]
    late = do("part", Part(do=dawdle, budget_seconds=0.05), BENCH, findings)
    assert (late.outcome, late.reason) == ("out of time", "it was not done after 0.05 s")
    assert late.seconds < 30


@pytest.mark.long
def test_one_check_or_part_that_fails_fails_the_whole(report: Report) -> None:
    assert report.passed
    bad = Row(section="suite", name="mean", unit="points", ours=-9.0, passed=False)
    assert bad.verdict == "FAILED"
    assert not report.model_copy(update={"rows": (*report.rows, bad)}).passed
    late = report.sections[0].model_copy(update={"outcome": "out of time"})
    assert not report.model_copy(update={"sections": (late,)}).passed


@pytest.mark.parametrize(("unit", "ratio", "verdict"), [("s", 0.5, "not better"), ("examples/s", 2.0, "better")])
def test_a_ratio_above_one_is_ours(unit: str, ratio: float, verdict: str) -> None:
    row = Row(section="against", name="work", unit=unit, ours=4.0, trainer=2.0)
    assert (row.ratio, row.verdict) == (ratio, verdict)
    assert Row(section="against", name="work", unit=unit, ours=4.0).ratio is None


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("...\n3 passed in 2.1s", (3, 0, 0, 0)),
        ("F.\nFAILED x\n1 failed, 2 passed, 1 skipped, 1 error in 2.1s\n", (2, 1, 1, 1)),
        ("", (0, 0, 0, 0)),
    ],
)
def test_outcomes_are_counted(printed: str, expected: tuple[int, ...]) -> None:
    assert tuple(count(printed).values()) == expected


def test_trials_that_memory_holds() -> None:
    results: list[Any] = [SimpleNamespace(peak_memory_bytes=bytes_) for bytes_ in (2_000, 1_000)]
    device = DEVICE.model_copy(update={"free_memory_bytes": 10_000, "context_bytes": 500})
    [row] = memory_bound(device, results)
    assert row.ours == 4
    assert memory_bound(DEVICE, results) == []
