"""Files of pytest-benchmark: made-up ones, and one that the plugin itself wrote."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.errors import GateError
from harness.gate.benchmarks import are_benchmarks, judge_benchmarks
from harness.gate.gate import Options
from harness.gate.verdicts import FAILED, PASSED, REFUSED, Verdict

CPU = {"brand_raw": "made-up processor", "count": 2}
CASES = {"tests/test_it.py::test_fast[a-b]": 1e-3, "tests/test_it.py::test_slow": 0.1}


def write(path: Path, cases: dict[str, float], *, rounds: int = 30, **more: Any) -> Path:
    generator = random.Random(f"{path} {cases}")
    benchmarks = []
    for name, seconds in cases.items():
        data = [seconds * generator.uniform(0.95, 1.1) for _ in range(rounds)]
        stats = {"median": sorted(data)[rounds // 2], "mean": seconds, "data": data}
        benchmarks.append({"group": None, "name": name.rpartition("::")[2], "fullname": name, "stats": stats})
    machine = {"system": "Linux", "machine": "x86_64", "cpu": CPU, "python_version": "3.11.7"}
    document = {"machine_info": machine, "commit_info": {"id": "abc"}, "benchmarks": benchmarks, "version": "5.1.0"}
    path.write_text(json.dumps(document | more))
    return path


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return write(tmp_path / "reference.json", CASES)


def verdicts(run: Path, reference: Path, **options: Any) -> dict[str | None, Verdict]:
    return {f.task: f.verdict for f in judge_benchmarks(run, reference, Options(**options)).findings}


def test_the_same_speed_passes(reference: Path, tmp_path: Path) -> None:
    report = judge_benchmarks(write(tmp_path / "run.json", CASES), reference, Options())
    assert [(f.model, f.task, f.metric, f.unit) for f in report.findings] == [
        ("tests/test_it.py", "test_fast[a-b]", "benchmark", "seconds"),
        ("tests/test_it.py", "test_slow", "benchmark", "seconds"),
    ]
    assert {f.verdict for f in report.findings} == {Verdict.NOT_WORSE}
    assert (report.exit_code, report.run_commit) == (PASSED, "abc")


def test_only_what_is_slower_by_more_than_the_margin_fails(reference: Path, tmp_path: Path) -> None:
    run = write(
        tmp_path / "run.json", {name: seconds * (1.5 if "fast" in name else 1) for name, seconds in CASES.items()}
    )
    assert verdicts(run, reference) == {"test_fast[a-b]": Verdict.WORSE, "test_slow": Verdict.NOT_WORSE}
    assert judge_benchmarks(run, reference, Options()).exit_code == FAILED
    assert set(verdicts(run, reference, cost_margin=1.0).values()) == {Verdict.NOT_WORSE}


def test_a_case_that_is_gone_is_incomparable_and_a_new_one_a_note(reference: Path, tmp_path: Path) -> None:
    run = write(tmp_path / "run.json", {"tests/test_it.py::test_slow": 0.1, "new": 1.0})
    report = judge_benchmarks(run, reference, Options())
    assert [f.verdict for f in report.findings] == [Verdict.INCOMPARABLE, Verdict.NOT_WORSE]
    assert report.exit_code == REFUSED
    assert report.notes == ("new: new, without a reference.",)


@pytest.mark.parametrize(
    ("machine", "reason"),
    [
        ({"system": "Linux", "machine": "x86_64", "cpu": CPU | {"count": 8}}, "cpu.count is 8 in the run, 2 in the"),
        ({"system": "Linux", "machine": "x86_64"}, "cpu.brand_raw is None in the run"),
        ({"system": "Darwin", "machine": "x86_64", "cpu": CPU}, "system is Darwin in the run, Linux in the reference"),
    ],
)
def test_another_machine_is_not_judged(reference: Path, tmp_path: Path, machine: Any, reason: str) -> None:
    run = write(tmp_path / "run.json", dict.fromkeys(CASES, 1.0), machine_info=machine)
    report = judge_benchmarks(run, reference, Options())
    assert {f.verdict for f in report.findings} == {Verdict.NOT_JUDGED}
    assert reason in report.findings[0].reason


def test_without_raw_samples_nothing_is_judged(reference: Path, tmp_path: Path) -> None:
    run = write(tmp_path / "run.json", CASES)
    document = json.loads(run.read_text())
    for case in document["benchmarks"]:
        del case["stats"]["data"]
    run.write_text(json.dumps(document))
    for one, other, side in ((run, reference, "run"), (reference, run, "reference")):
        report = judge_benchmarks(one, other, Options())
        assert {f.verdict for f in report.findings} == {Verdict.NOT_JUDGED}
        assert report.findings[0].reason.startswith(f"The {side} holds no raw samples; --benchmark-json")


def test_few_rounds_are_not_judged(reference: Path, tmp_path: Path) -> None:
    assert set(verdicts(write(tmp_path / "run.json", CASES, rounds=5), reference).values()) == {Verdict.NOT_JUDGED}


def test_other_versions_are_said(reference: Path, tmp_path: Path) -> None:
    machine = {"system": "Linux", "machine": "x86_64", "cpu": CPU, "python_version": "3.12.0"}
    report = judge_benchmarks(write(tmp_path / "run.json", CASES, machine_info=machine), reference, Options())
    assert report.versions == {"python": ("3.11.7", "3.12.0")}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"machine_info": {}, "benchmarks": []}', '{"machine_info": {}, "bench', "NaN"]
)
def test_anything_else_is_one_clear_line(reference: Path, tmp_path: Path, text: str) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(text)
    with pytest.raises(GateError, match=r"broken\.json: .*as `pytest --benchmark-json FILE` writes it") as caught:
        judge_benchmarks(broken, reference, Options())
    assert "\n" not in str(caught.value)


def test_samples_that_are_no_numbers_are_refused(reference: Path, tmp_path: Path) -> None:
    run = write(tmp_path / "run.json", CASES)
    document = json.loads(run.read_text())
    document["benchmarks"][0]["stats"]["data"][3] = float("nan")
    run.write_text(json.dumps(document))
    with pytest.raises(GateError, match=r"benchmarks\[0\]\.stats\.data\[3\]"):
        judge_benchmarks(run, reference, Options())


def test_a_file_is_not_gated_against_a_run(reference: Path, tmp_path: Path) -> None:
    assert are_benchmarks(reference, reference)
    assert not are_benchmarks(tmp_path, reference)
    with pytest.raises(GateError, match="two JSON files of pytest-benchmark"):
        are_benchmarks(reference, tmp_path)


def test_what_the_plugin_writes_is_read(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "def test_sum(benchmark):\n    benchmark.pedantic(sum, args=[range(99)], rounds=20, iterations=3)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "--benchmark-json", "made.json", "test_it.py"]
    alone = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }  # xdist's turns it off
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=alone)
    made = tmp_path / "made.json"
    report = judge_benchmarks(made, made, Options(cost_margin=1.0))
    assert [(f.task, f.verdict) for f in report.findings] == [("test_sum", Verdict.NOT_WORSE)]
