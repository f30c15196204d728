"""What a run mends of its folder before it goes on, in lines for a person."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.data.loading import read_split
from harness.errors import HarnessError
from harness.plan.trial import Trial
from harness.store.examples import read_examples, write_examples
from harness.store.reading import StoredFileError
from harness.store.records import Result
from harness.store.run import Run
from harness.store.upkeep import tidy
from harness.system.sealed import DamagedError, checksum_of


def mend(run: Run, done: Iterable[tuple[Trial, Result]], missing: Iterable[Trial]) -> Iterator[str]:
    """Remove what is left over, write damaged examples again, and say why a trial that has a result is not done."""
    if removed := tidy(run):
        yield f"removed: {len(removed)} files that killed or failed processes left in {run.folder}"
    for trial in missing:
        try:
            reason = "what it left for others to begin with is not there" if run.verified(trial.key) else ""
        except StoredFileError as error:
            reason = f"{error.path}: {error.reason}"
        if reason:
            yield f"done again: {trial.task.name} × {trial.model.name} · seed {trial.seed}: {reason}"
    seen = set()
    for trial, result in done:
        for path in _examples_of(run, result):
            if path not in seen and (reason := _reason_to_write(path)):
                yield _write_again(path, trial, reason)
            seen.add(path)


def _examples_of(run: Run, result: Result) -> set[Path]:
    """Return where the examples of a result are, and where those of its scored splits should be."""
    if result.files == {}:  # it was made without predictions
        return set()
    paths = {run.examples_path(result, split) for split in result.scores}
    return paths | {found for path in paths for found in path.parent.glob("*.parquet")}


def _reason_to_write(path: Path) -> str:
    try:
        if checksum_of(path) is None:
            read_examples(path)
    except FileNotFoundError:
        return "missing"
    except (OSError, DamagedError) as error:
        return str(error)
    except StoredFileError as error:
        return error.reason
    return ""


def _write_again(path: Path, trial: Trial, reason: str) -> str:
    try:
        write_examples(path, read_split(trial.task, trial.source, path.stem, trial.limits.evaluation))
    except HarnessError as error:
        return f"{path}: {reason}; it cannot be written again: {error}"
    return f"written again: {path}: {reason}"
