"""Somebody's predictions as a run of one model, so that a leaderboard shows them beside models that were trained here.

An entry is an ordinary run folder, whose results have no training. All files are read and scored before the first entry
is written: a file that is refused refuses the board, as one with an entry missing would mislead.
"""

import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from harness.data.source import Source, open_source
from harness.errors import RunError, UsageError
from harness.store.examples import record_examples
from harness.store.latest import read_newest
from harness.store.run import Run
from harness.submissions.entry import Asked, Beside, Entry, read_entry
from harness.system.files import slug


def enter(paths: Sequence[Path], out: Path, asked: Asked) -> list[Run]:
    """Return the runs at ``paths``, and those that the submissions among them become under ``out``, in their order.

    An entry that is there, made from the very same, stays as it is; that of a file that has changed is replaced.

    Raises:
        HarnessError: a run or a submission that cannot be read, or cannot be scored on the labels at hand.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: is a file; expected the leaderboard's folder.")
    unique = list({path.resolve(): path for path in paths}.values())
    if missing := [path for path in unique if not path.exists()]:
        raise RunError(f"{missing[0]}: no such file or folder; expected a run's folder, or a file of predictions.")
    runs = {path: Run.open(path) for path in unique if path.is_dir()}
    files = [path for path in unique if path not in runs]
    if files:
        source, beside, names = _source(asked, list(runs.values())), _beside(list(runs.values())), _names(files)
        entries = {path: read_entry(path, asked, source, beside) for path in files}
        runs |= {path: _write(entry, out / "submissions" / names[path]) for path, entry in entries.items()}
    return [runs[path] for path in unique]


def _source(asked: Asked, runs: Sequence[Run]) -> Source:
    if asked.data != "auto" or not runs:
        return open_source(asked.data, asked.tasks)
    first, *others = dict.fromkeys(run.info().source for run in runs)
    if others:
        listed = ", ".join([first, *others])
        raise UsageError(f"the runs come from different data ({listed}): say with --data where the labels are.")
    return open_source(first, asked.tasks)


def _beside(runs: Sequence[Run]) -> Beside:
    tasks = {task for run in runs for task in run.info().tasks}
    limits: dict[str, set[int | None]] = {}
    for result in (result for run in runs for result in read_newest(run).results):
        limits.setdefault(result.task, set()).add(result.data.limit_evaluation)
    return Beside(
        tasks=frozenset(tasks | limits.keys()) if runs else None,
        limits={task: found.pop() for task, found in limits.items() if len(found) == 1},
    )


def _names(files: Sequence[Path]) -> dict[Path, str]:
    """Return the name of each file's entry: its own, with a hash of its path where two are called the same."""
    names = {path: slug(path.name) or "submission" for path in files}
    folded = [name.casefold() for name in names.values()]
    return {
        path: name
        if folded.count(name.casefold()) == 1
        else f"{name}-{sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
        for path, name in names.items()
    }


def _write(entry: Entry, folder: Path) -> Run:
    """Put an entry into its folder, in the place of what an earlier file of that name became; all of it or nothing."""
    run = Run(folder)
    if _is_there(run, entry):
        return run
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".entering-") as temporary:
            new = Path(temporary, "new")
            _fill(Run(new), entry)
            if folder.exists():
                folder.rename(Path(temporary, "old"))
            new.rename(folder)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}.") from error
    return run


def _is_there(run: Run, entry: Entry) -> bool:
    """Return whether an entry is there already.

    Raises:
        UsageError: there is something else, which is not ours to replace.
    """
    if not run.folder.exists():
        return False
    try:
        found = Run.open(run.folder).results()
    except RunError:
        found = []
    if not found or any(result.submission is None for result in found):
        raise UsageError(f"{run.folder}: found something else than an entry; move it away, or give another --out.")
    keys = {result.key for result, _ in entry.results}
    return keys == {result.key for result in found} and run.info().source == entry.info.source


def _fill(run: Run, entry: Entry) -> None:
    for result, splits in entry.results:
        record_examples(run, result, splits)
        run.save(result, splits)
    run.save_info(entry.info)
