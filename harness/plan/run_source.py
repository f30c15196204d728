"""The one source of a run's rows, which may have moved to another place, but holds the rows of its results."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.api.task import Task
from harness.catalog import Catalog
from harness.data.source import Source, open_source
from harness.errors import RunError
from harness.store.run import Run
from harness.store.run_info import RunInfo


def run_source(data: str, run: Run, tasks: Sequence[Task], catalog: Catalog) -> Source:
    """Return the source that ``--data`` names; with ``auto``, a run that exists stays with the one that it began with.

    Raises:
        RunError: the folder that the run began with is gone, or the results are of other rows than this source has.
        UsageError: there is no such source.
    """
    if not run.is_begun():
        return open_source(data, tasks)
    earlier = run.info()
    if data == "auto":
        if earlier.source not in {"hub", "sample"} and not Path(earlier.source).is_dir():
            raise RunError(
                f"{run.folder}: its data were in {earlier.source}, which is not there; if they were moved, give "
                "--data with the new place."
            )
        return replace(open_source(earlier.source), note=earlier.source_note)
    source = open_source(data)
    if str(source) == earlier.source:
        return replace(source, note=earlier.source_note)
    if reason := _reason_apart(source, run, earlier, catalog):
        raise RunError(
            f"{run.folder}: its results come from --data {earlier.source}; with --data {data} they could not stand in "
            f"one table: {reason}. Give another --out."
        )
    return source


def _reason_apart(source: Source, run: Run, earlier: RunInfo, catalog: Catalog) -> str:
    """Return why a run cannot go on with another source; empty where both are folders that have the same rows.

    Results that were of other rows than the run was last asked for count no longer, and are not compared.
    """
    if source.kind != "folder" or earlier.source in {"hub", "sample"}:
        return "one is no folder"
    newest = {result.task: result.data for result in sorted(run.results(), key=lambda result: result.created)}
    for name, data in newest.items():
        if name not in catalog.tasks:
            return f"task {name!r} is not known, so its rows cannot be compared (give its --plugin)"
        task = catalog.task(name)
        if source.kind_for(task) != data.kind or source.fingerprint(task) != data.fingerprint:
            return f"the files of task {name!r} are not the same in both"
    return ""
