"""Scores by what examples are tagged with: from a run to the tables of a terminal and of the CSV file."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli.app import app
from harness.store.run import Run
from reports.analysis.comparison import compare
from reports.analysis.families import families
from reports.analysis.section import Section
from reports.evidence.results import read_evidence
from reports.formats.families import family_frame, family_table


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("families") / "run"
    asked = ["run", "--suite", "blimp", "--model", "uniform", "--data", "sample", "--out", str(folder)]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    assert "BLiMP by field: accuracy, %" in result.output
    assert "BLiMP by paradigm: accuracy, %" in result.output
    return folder


def test_parts_make_up_the_whole(run: Path) -> None:
    (evidence,) = read_evidence([Run(run)])
    found = families(Section(evidence=evidence, comparison=compare(evidence)))
    assert [family.name for family in found] == ["field", "phenomenon", "paradigm"]
    (result,) = evidence.every_result
    for family in found:
        assert sum(part.size for part in family.parts) == 420
        total = sum(part.size * part.scores["uniform"] for part in family.parts)
        assert total / 420 == pytest.approx(result.score)
    table = family_table(found[0])
    assert table.heads == ("field", "n", "uniform")
    assert [row[0] for row in table.rows] == ["morphology", "semantics", "syntax"]
    assert len(family_frame(found)) == 3 + 9 + 14


def test_the_csv_file_and_the_page_have_them(run: Path) -> None:
    with (run / "report" / "families.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["name"] for row in rows if row["family"] == "field"} == {"morphology", "semantics", "syntax"}
    assert "by field" in (run / "report" / "comparison.md").read_text()
    page = (run / "report" / "index.html").read_text()
    assert "relative_clause" in page
