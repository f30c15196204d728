"""Every file of a run, checked: what is damaged, missing or left over, and what the next `run` would do again."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.store.examples import read_attributions, read_examples
from harness.store.listing import entries
from harness.store.reading import StoredFileError
from harness.store.records import Result
from harness.store.run import Run
from harness.store.upkeep import reason_to_drop
from harness.system.files import left_over
from harness.system.sealed import DamagedError, checksum_of

STORED = (
    "run.json",
    "trials/*/*.json",
    "trials/*/*.parquet",
    "trials/*/*.safetensors",
    "speed/*.json",
    "examples/*/*.parquet",
    "cache/*.json",
    "cache/*.safetensors",
)
"""All files of a run that carry a checksum; what `report` makes of them is made again from them."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A file that is not as it should be."""

    path: Path
    reason: str
    cure: str
    trial: str = ""
    """The key of the trial that is to be done again."""
    speed: str = ""
    """The key of the trial whose model's speed is to be measured again."""


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was found in a run's folder."""

    num_files: int
    unsealed: tuple[Path, ...]
    """Files without a checksum, of earlier versions."""
    problems: tuple[Problem, ...]


def verify(run: Run) -> Verification:
    """Check every file of a run, and what one says of another; writes nothing.

    Raises:
        RunError: a folder of the run cannot be entered.
    """
    for folder in (run.folder / name for name in ("trials", "speed", "examples", "cache")):
        for path in entries(folder):
            if path.is_dir():
                entries(path)
    problems = [*_info(run), *_trials(run), *_speeds(run), *_examples(run), *_caches(run)]
    problems += [
        Problem(path=path, reason="left half written by a killed process", cure="`run` removes it")
        for path in left_over(run.folder)
    ]
    faulty = {problem.path for problem in problems}
    stored = [path for pattern in STORED for path in sorted(run.folder.glob(pattern))]
    return Verification(
        num_files=len(stored),
        unsealed=tuple(path for path in stored if path not in faulty and _checksum(path) is None),
        problems=tuple(problems),
    )


def _info(run: Run) -> Iterator[Problem]:
    try:
        run.info()
    except StoredFileError as error:
        cure = "remove it and give the command again: it is written anew, and no result is lost"
        yield Problem(path=error.path, reason=error.reason, cure=cure)


def _trials(run: Run) -> Iterator[Problem]:
    for folder in sorted(path for path in run.folder.glob("trials/*") if path.is_dir()):
        key = folder.name
        try:
            if result := run.verified(key):
                _check_predictions(run, result)
            for path in sorted(folder.glob("attributions-*.json")):
                read_attributions(path)
        except StoredFileError as error:
            cure = "`run` does the trial again"
            yield Problem(path=error.path, reason=error.reason, cure=cure, trial=key)
        failure = folder / "failure.json"
        if failure.exists() and (reason := reason_to_drop(run, key)):
            yield Problem(path=failure, reason=reason, cure="`run` removes it")
        kept = {
            run.checkpoint_path(key): "`run` trains from the first step",
            run.weights_path(key): "`run` does the trial again, if others are still to begin with it",
        }
        for path, cure in kept.items():
            if path.exists() and (reason := _damage(path)):
                yield Problem(path=path, reason=reason, cure=cure)


def _check_predictions(run: Run, result: Result) -> None:
    """Check that there is a prediction for each example of each split that is scored, and for no other.

    Raises:
        StoredFileError: there is not.
    """
    for split in result.scores if result.files != {} else ():
        found, path = run.predictions(result, split), run.predictions_path(result.key, split)
        if len(found) != result.data.num_examples.get(split, len(found)):
            reason = f"{len(found)} predictions for {result.data.num_examples[split]} examples"
            raise StoredFileError(path, reason)
        try:
            examples = read_examples(run.examples_path(result, split))
        except StoredFileError:
            continue  # which is a problem of its own, if they are there
        if found.keys() != {example.id for example in examples}:
            raise StoredFileError(path, "predictions for other examples than those of the run")


def _speeds(run: Run) -> Iterator[Problem]:
    for path in sorted(run.folder.glob("speed/*.json")):
        try:
            run.verified_speed(path.stem)
        except StoredFileError as error:
            cure = "`run` measures it again, for which it trains once more"
            yield Problem(path=path, reason=error.reason, cure=cure, speed=path.stem)


def _examples(run: Run) -> Iterator[Problem]:
    done = [result for path in run.folder.glob("trials/*/result.json") if (result := run.done(path.parent.name))]
    needed = {run.examples_path(result, split) for result in done if result.files for split in result.scores}
    for path in sorted({*run.folder.glob("examples/*/*.parquet"), *needed}):
        try:
            read_examples(path)
        except StoredFileError as error:
            yield Problem(path=path, reason=error.reason, cure="`run` writes it again from the data")


def _caches(run: Run) -> Iterator[Problem]:
    for path in sorted(run.cache_folder.glob("*.*")):
        if reason := _damage(path):
            yield Problem(path=path, reason=reason, cure="whoever needs it makes it again")


def _damage(path: Path) -> str:
    """Return why a file that must have a checksum cannot be used, or an empty string."""
    try:
        return "" if checksum_of(path) else "no checksum (made by an earlier version)"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except DamagedError as error:
        return str(error)


def _checksum(path: Path) -> str | None:
    try:
        return checksum_of(path)
    except (OSError, DamagedError):
        return "none that fits, which is said elsewhere"
