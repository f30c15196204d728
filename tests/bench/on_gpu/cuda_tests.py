"""The tests that need CUDA, in a process of their own."""

import re
import subprocess
import sys
from pathlib import Path

from tests.bench.on_gpu.records import Row
from tests.bench.on_gpu.trials import Bench, Findings

ROOT = Path(__file__).parents[3]
TESTS = "tests/harness/training/test_cuda.py"
OUTCOMES = ("passed", "failed", "error", "skipped")
FAILED = re.compile(r"^(?:FAILED|ERROR) \S+::(\S+)", re.MULTILINE)


def cuda_tests(bench: Bench, findings: Findings) -> None:
    """Run them. Without CUDA all are skipped, and nothing is said to have passed."""
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", TESTS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    counts = count(done.stdout)
    bad = counts["failed"] + counts["error"]
    if not any(counts.values()):
        raise RuntimeError(f"pytest ended with code {done.returncode}: {(done.stdout + done.stderr)[-500:]}")
    if bad:
        sys.stderr.write(done.stdout)
    passed = None if bench.device.kind != "cuda" else not bad and not counts["skipped"]
    name = "CUDA tests: " + ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)
    expected = "; failed: ".join(filter(None, ["all", ", ".join(FAILED.findall(done.stdout))]))
    row = Row(section="CUDA tests", name=name, unit="tests", ours=counts["passed"], expected=expected, passed=passed)
    findings.rows.append(row)


def count(printed: str) -> dict[str, int]:
    """Return how many tests had which outcome, from the last line that pytest prints."""
    last = printed.strip().splitlines()[-1] if printed.strip() else ""
    found = {outcome: re.search(rf"(\d+) {outcome}", last) for outcome in OUTCOMES}
    return {outcome: int(match[1]) if match else 0 for outcome, match in found.items()}
