"""CSV that spreadsheets may open."""

import csv
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from harness.store.run import Run
from reports import write_report
from reports.formats.csv import csv_text
from tests.fakes.synthetic import Plan, write_run


def test_texts_are_neutralised_and_numbers_stay() -> None:
    frame = pd.DataFrame(
        {
            "=name": ["=1+1", "-x", "plain"],
            "value": [-1.5, 2.0, None],
            "count": pd.array([-1, 2, None], dtype="Int64"),
            "mixed": [-1, "-1", None],
        }
    )
    assert csv_text(frame) == "'=name,value,count,mixed\n'=1+1,-1.5,-1,-1\n'-x,2.0,2,'-1\nplain,,,\n"


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x"])
def test_no_cell_of_a_report_is_a_formula(tmp_path: Path, name: str) -> None:
    plan = Plan(tasks=("cola", "mrpc"), models=(name, "mini"), num_questions=20)
    run = write_run(tmp_path / "=run", replace(plan, scores={("cola", "mini"): (-12.5, -3.0)}))
    folder = write_report([run, Run(tmp_path / "=run")], tmp_path / "report").parent
    cells = [cell for path in folder.glob("*.csv") for row in csv.reader(StringIO(path.read_text())) for cell in row]
    formulas = [cell for cell in cells if cell.startswith(("=", "+", "-", "@")) and not is_number(cell)]
    assert formulas == []
    assert f"'{name}" in cells


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
