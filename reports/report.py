"""The whole report: reads the runs once, and writes every file of it."""

from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

import pandas as pd

from harness.store import Run, write_text
from harness.task import Task
from reports import notices
from reports.analysis import analyse
from reports.comparison import compare
from reports.evidence import read_evidence
from reports.exports import write_exports
from reports.frames import cost_frame, result_frame
from reports.index_page import index_page
from reports.pages import Section, comparison_latex, comparison_page
from reports.plots import write_plots
from reports.tables import comparison_frame


def write(runs: Sequence[Run], folder: Path, tasks: Mapping[str, Task]) -> None:
    """Write the report on ``runs`` into ``folder``; see :func:`reports.write_report`."""
    groups = read_evidence(runs)
    suffixes = [f"-{number}" for number in range(1, len(groups) + 1)] if len(groups) > 1 else [""]
    compared = [(group, compare(group)) for group in groups]
    sections = [Section(evidence=e, comparison=c, analysis=analyse(e, c, tasks)) for e, c in compared]
    for section, suffix in zip(sections, suffixes, strict=True):
        write_plots(section.view, folder / "plots", suffix=suffix)
    frames = [comparison_frame(s.comparison, s.evidence, notices.banners(s.evidence), s.analysis) for s in sections]
    write_text(folder / "results.csv", _csv(result_frame(groups)))
    write_text(folder / "costs.csv", _csv(cost_frame(groups)))
    write_text(folder / "comparison.csv", _csv(pd.concat(frames, ignore_index=True)))
    write_text(folder / "comparison.md", comparison_page(sections))
    write_text(folder / "comparison.tex", comparison_latex(sections))
    write_exports(((section.evidence, section.analysis) for section in sections), folder / "exports")
    write_text(folder / "index.html", index_page(sections, folder))
    (folder / "index.md").unlink(missing_ok=True)  # the page of earlier versions, whose figures may be others


def _csv(frame: pd.DataFrame) -> str:
    text = StringIO()
    frame.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue()
