"""The report on a history: its table as Markdown and as CSV, and its plots."""

from collections.abc import Sequence
from pathlib import Path

from reports.analysis.history import History
from reports.formats.history import history_csv, history_markdown
from reports.plots.history import write_plots
from reports.text.publishing import publish


def write(histories: Sequence[History], folder: Path) -> Path:
    """Write ``history.md``, ``history.csv`` and the plots, and return the path of the first."""
    publish(folder / "history.csv", history_csv(histories))
    write_plots(histories, folder / "plots")
    path = folder / "history.md"
    publish(path, history_markdown(histories))
    return path
