"""From a file to the table: no row without a target is trained on or scored, and what is left out is said."""

import subprocess
import sys
from pathlib import Path

import pytest

TASK = """
import csv
from pathlib import Path
from harness import ACCURACY, Classification, Example, FolderData, Task

def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)

PAIRS = Task(
    name="pairs", title="Pairs", output=Classification(labels=("no", "yes")),
    read=lambda row: Example(id=str(row["idx"]), text=row["text"], target=int(row["label"])),
    metrics=(ACCURACY,), predicted=(), RULE
    folder=FolderData(root=Path(__file__).parent, files={"train": "train.csv", "validation": "dev.csv"}, read=read_csv),
)
"""
RULE = 'leaves_out={"no gold label": lambda row: row["label"] == "-1"},'


def run(folder: Path, rule: str = "", validation: str = "0,good\n1,bad\n") -> subprocess.CompletedProcess[str]:
    (folder / "pairs.py").write_text(TASK.replace("RULE", rule))
    (folder / "train.csv").write_text("label,text\n" + "1,bad\n0,good\n" * 8)
    (folder / "dev.csv").write_text("label,text\n" + validation)
    command = ["-m", "harness", "run", "--plugin", "pairs.py", "--task", "pairs", "--model", "bag", "--out", "run"]
    return subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        ("0,good\n-1,good\n", "dev.csv, row 2: found the target -1, expected an index into 2 labels (no, yes); only"),
        ("0,good\n2,good\n", "dev.csv, row 2: found the target 2, expected an index into 2 labels (no, yes)."),
        ("0,good\nmaybe,good\n", "dev.csv, row 2: cannot be read (ValueError: invalid literal for int()"),
    ],
)
def test_a_row_without_a_target_ends_the_run_before_anything_is_trained(
    tmp_path: Path, validation: str, message: str
) -> None:
    done = run(tmp_path, validation=validation)
    assert (done.returncode, done.stdout) == (2, "")
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert message in error
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run/trials").exists()


def test_rows_that_the_data_set_leaves_out_are_said_below_the_table(tmp_path: Path) -> None:
    done = run(tmp_path, RULE, "-1,good\n0,good\n1,bad\n-1,bad\n")
    assert done.returncode == 0, done.stderr
    assert "100.0" in done.stdout
    assert "Rows left out by the data set's own rules: Pairs, validation: 2 (no gold label)." in done.stdout
