"""What is shown: tables, plots and pages, made from a run's files alone.

May import `harness`, but neither its command line nor what needs torch, nor tasks and models.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from harness.api.task import Task
from harness.store.run import Run
from reports import stamp

__all__ = ["write_report"]


def write_report(
    runs: Sequence[Run],
    folder: Path,
    tasks: Mapping[str, Task] = MappingProxyType({}),
    *,
    tex_width: Literal["column", "page"] = "page",
) -> Path:
    """Write tables, plots and a page about ``runs`` into ``folder``, and return the path of its ``index.html``.

    ``tasks``, by name, say how stored predictions are scored; without its task, a score has no interval and no test.
    ``tex_width`` is how wide the paper's table may be: one column of two, or the page.

    A report that is there already, made from the very same, is left as it is.

    Raises:
        RunError: a file of a run cannot be read, or there is no run.
    """
    # before they are read: what comes later makes the report out of date
    made_from = stamp.fingerprint(runs, tasks, tex_width)
    if not stamp.is_current(folder, made_from):
        from reports.report import write  # on use: pandas and matplotlib are slow to import

        write(runs, folder, tasks, tex_width)
        stamp.write(folder, made_from)
    return folder / "index.html"
