"""The page of a made-up run, with an analysis made by hand."""

from pathlib import Path

from reports.analysis.comparison import compare
from reports.analysis.section import Section
from reports.evidence.results import read_evidence
from reports.page.index import index_page
from tests.fakes.analysis import make_analysis
from tests.fakes.synthetic import Plan, write_run


def write_page(folder: Path, plan: Plan) -> Path:
    """Write a run and its page below the folder, and return the page's path."""
    (evidence,) = read_evidence([write_run(folder / "run", plan)])
    comparison = compare(evidence)
    section = Section(evidence=evidence, comparison=comparison, analysis=make_analysis(evidence, comparison))
    (folder / "index.html").write_text(index_page([section], folder), encoding="utf-8")
    return folder / "index.html"
