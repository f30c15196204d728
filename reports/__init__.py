"""What is shown: tables, plots and pages, made from a run's files alone."""

from collections.abc import Sequence
from pathlib import Path

from harness.store import Run

__all__ = ["write_report"]


def write_report(runs: Sequence[Run], folder: Path) -> Path:
    """Write tables, plots and a page about ``runs`` into ``folder``, and return the path of its ``index.md``.

    Raises:
        RunError: a file of a run cannot be read, or there is no run.
    """
    from reports.report import write  # on use: pandas and matplotlib are slow to import

    return write(runs, folder)
