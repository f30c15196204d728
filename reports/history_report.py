"""Writes a history: tables, a page and plots."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from harness.system.files import write_text
from reports.analysis.history import History
from reports.formats.history import COLUMNS, EXPLANATION, _page, _rows
from reports.plots.history import write_plots


def write(histories: Sequence[History], folder: Path) -> Path:
    """Write ``history.md``, ``history.csv`` and the plots, and return the path of the first."""
    rows = [row for history in histories for row in _rows(history)]
    text = pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(index=False, lineterminator="\n")
    write_text(folder / "history.csv", text)
    write_plots(histories, folder / "plots")
    path = folder / "history.md"
    write_text(path, "\n\n".join([*map(_page, histories), EXPLANATION]) + "\n")
    return path
