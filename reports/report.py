"""The whole report: reads the runs once, and writes every file of it."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from harness.api.task import Task
from harness.store.run import Run
from reports.analysis.comparison import compare
from reports.analysis.families import families
from reports.analysis.section import Section
from reports.analysis.statistics import analyse
from reports.evidence.results import read_evidence
from reports.exports import write_exports
from reports.formats.comparison import comparison_markdown
from reports.formats.comparison_page import comparison_page
from reports.formats.comparison_table import page_json
from reports.formats.csv import csv_text
from reports.formats.families import family_frame
from reports.formats.frames import comparison_frame, cost_frame, result_frame
from reports.formats.latex import TexWidth, paper_latex
from reports.formats.paper import paper_table
from reports.page.index import index_page
from reports.plots import write_plots
from reports.plots.view import view_of
from reports.text.publishing import publish


def write(runs: Sequence[Run], folder: Path, tasks: Mapping[str, Task], tex_width: TexWidth) -> None:
    """Write the report on ``runs`` into ``folder``; see :func:`reports.write_report`."""
    with _uncollected():
        _write(runs, folder, tasks, tex_width)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector from looking for cycles among a million predictions, again and again: a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write(runs: Sequence[Run], folder: Path, tasks: Mapping[str, Task], tex_width: TexWidth) -> None:
    groups = read_evidence(runs)
    suffixes = [f"-{number}" for number in range(1, len(groups) + 1)] if len(groups) > 1 else [""]
    compared = [(group, compare(group)) for group in groups]
    sections = [Section(evidence=e, comparison=c, analysis=analyse(e, c, tasks)) for e, c in compared]
    for section, suffix in zip(sections, suffixes, strict=True):
        write_plots(view_of(section), folder / "plots", suffix=suffix)
    publish(folder / "results.csv", csv_text(result_frame(groups)))
    publish(folder / "costs.csv", csv_text(cost_frame(groups)))
    publish(folder / "comparison.csv", csv_text(pd.concat(map(comparison_frame, sections), ignore_index=True)))
    by_family = list(map(families, sections))
    if any(by_family):
        publish(folder / "families.csv", csv_text(family_frame([each for found in by_family for each in found])))
    page = comparison_page(sections, by_family)
    publish(folder / "comparison.json", page_json(page))
    publish(folder / "comparison.md", comparison_markdown(page))
    publish(folder / "comparison.tex", paper_latex([paper_table(section) for section in sections], tex_width))
    write_exports(((section.evidence, section.analysis) for section in sections), folder / "exports")
    publish(folder / "index.html", index_page(sections, folder))
    (folder / "index.md").unlink(missing_ok=True)  # the page of earlier versions, whose metric values may be others
