"""A run: a folder of results. A file is written under a temporary name, flushed, and renamed into place.

::

    RUN/run.json                          what the run set out to do
    RUN/trials/KEY/result.json            present means complete
    RUN/trials/KEY/predictions-SPLIT.parquet
    RUN/trials/KEY/attributions-SPLIT.json why, word by word, for a handful of examples
    RUN/examples/NAME/SPLIT.parquet       the questions, with the answers that count as right
    RUN/trials/KEY/failure.json           the traceback of a trial that failed, or of the measurement of its speed
    RUN/trials/KEY/checkpoint.safetensors while training, and until its speed is measured
    RUN/speed/TASK--MODEL--HASH.json      latency and throughput of one pair
    RUN/cache/HASH.safetensors            token sequences; may be deleted at any time
    RUN/cache/HASH.json                   examples, parsed; likewise
    RUN/report/                           what `report` makes of all this
    RUN/trials/KEY/.claim                 locked by whoever works at the trial, on any host
    RUN/.info                             locked by whoever changes run.json
    RUN/.hosts/HOST/                      locked by who computes and who measures on one host, and its cores
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from harness.api.example import Prediction
from harness.errors import RunError, first_mistake
from harness.store.predictions import SplitPredictions, read_predictions, write_predictions
from harness.store.records import SCHEMA, Failure, Result, Speed
from harness.store.run_info import RunInfo, merged
from harness.system.environment import host
from harness.system.files import slug, write_text
from harness.system.locks import alone

R = TypeVar("R", bound=BaseModel)


class Run:
    """A run folder, new or old."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """Return an existing run.

        Raises:
            RunError: the folder is not one.
        """
        run = cls(folder)
        if not run.info_path.is_file():
            raise RunError(
                f"{folder}: not a run; expected a folder made by `python -m harness run --out`, with a run.json in it."
            )
        return run

    @property
    def info_path(self) -> Path:
        """Where :class:`RunInfo` lies."""
        return self.folder / "run.json"

    @property
    def cache_folder(self) -> Path:
        """Where trials keep what spares the next one work; nothing there is a result."""
        return self.folder / "cache"

    @property
    def host_folder(self) -> Path:
        """Where this host's processes lock what they share: nobody waits for the cores of another host."""
        return self.folder / ".hosts" / host()

    def trial_folder(self, key: str) -> Path:
        """Return the folder of one trial."""
        return self.folder / "trials" / key

    def checkpoint_path(self, key: str) -> Path:
        """Return where the trial keeps its checkpoint."""
        return self.trial_folder(key) / "checkpoint.safetensors"

    def claim_path(self, key: str) -> Path:
        """Return the file that whoever works at the trial holds locked."""
        return self.trial_folder(key) / ".claim"

    def examples_path(self, result: Result, split: str) -> Path:
        """Return where the examples of a split lie: one file for all results that are about the same ones."""
        data = result.data
        content = [result.task, result.task_version, data.fingerprint, data.limit_evaluation]
        name = f"{slug(result.task)}--{hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]}"
        return self.folder / "examples" / name / f"{split}.parquet"

    def attributions_path(self, key: str, split: str) -> Path:
        """Return where the attributions of a trial's predictions lie."""
        return self.trial_folder(key) / f"attributions-{split}.json"

    def is_done(self, key: str) -> bool:
        """Return whether the trial's result is there."""
        return (self.trial_folder(key) / "result.json").is_file()

    def is_measured(self, name: str) -> bool:
        """Return whether the speed of a pair is there."""
        return self.speed_path(name).is_file()

    def save(self, result: Result, splits: Iterable[SplitPredictions]) -> None:
        """Write the predictions of each split, then the result that says they are complete."""
        folder = self.trial_folder(result.key)
        for found in splits:
            ids = [example.id for example in found.examples]
            write_predictions(folder / f"predictions-{found.split}.parquet", ids, found.predictions)
        write_text(folder / "result.json", result.model_dump_json(indent=1))
        (folder / "failure.json").unlink(missing_ok=True)

    def save_failure(self, failure: Failure) -> None:
        """Keep the traceback of a trial that failed, or whose speed could not be measured."""
        write_text(self.trial_folder(failure.key) / "failure.json", failure.model_dump_json(indent=1))

    def save_speed(self, name: str, speed: Speed) -> None:
        """Write what was measured of one pair."""
        write_text(self.speed_path(name), speed.model_dump_json(indent=1))
        (self.trial_folder(speed.trial_key) / "failure.json").unlink(missing_ok=True)

    def speed_path(self, name: str) -> Path:
        """Return where the speed of one pair lies."""
        return self.folder / "speed" / f"{name}.json"

    def save_info(self, info: RunInfo) -> None:
        """Write what the run set out to do, in place of what it did before."""
        write_text(self.info_path, info.model_dump_json(indent=1))

    def add_info(self, info: RunInfo) -> None:
        """Write what the run is to do as well, beside all that it set out to do before, whoever asks at once.

        Raises:
            RunError: its results come from another source.
        """
        with alone(self.folder / ".info"):
            earlier = self.info() if self.info_path.is_file() else None
            if earlier and earlier.source != info.source and {earlier.source, info.source} & {"hub", "sample"}:
                raise RunError(
                    f"{self.folder}: its results come from --data {earlier.source}; with --data {info.source} they "
                    "could not stand in one table. Give another --out."
                )
            if (together := merged(earlier, info) if earlier else info) != earlier:
                self.save_info(together)

    def info(self) -> RunInfo:
        """Return what the run set out to do."""
        return _read(RunInfo, self.info_path)

    def result(self, key: str) -> Result:
        """Return one trial's result."""
        return _read(Result, self.trial_folder(key) / "result.json")

    def results(self) -> list[Result]:
        """Return all results, by key."""
        return [_read(Result, path) for path in sorted(self.folder.glob("trials/*/result.json"))]

    def failure(self, key: str) -> Failure:
        """Return how a trial failed last."""
        return _read(Failure, self.trial_folder(key) / "failure.json")

    def failures(self) -> list[Failure]:
        """Return what failed and has not been done since."""
        found = [_read(Failure, path) for path in sorted(self.folder.glob("trials/*/failure.json"))]
        return [failure for failure in found if not self._is_made_good(failure)]

    def _is_made_good(self, failure: Failure) -> bool:
        """Return whether it was done since: under this key, or under a later plan's, from other data or settings."""
        if failure.kind == "speed":
            return self.is_measured(failure.key)
        pair_and_seed, _, _ = failure.key.rpartition("--")
        later = self.folder.glob(f"trials/{pair_and_seed}--*/result.json")
        return self.is_done(failure.key) or any(_read(Result, path).created >= failure.created for path in later)

    def speeds(self) -> list[Speed]:
        """Return all measurements of speed."""
        return [_read(Speed, path) for path in sorted(self.folder.glob("speed/*.json"))]

    def records(self) -> list[Path]:
        """Return every file that holds one of the records above: all that a report is made from."""
        patterns = ("run.json", "trials/*/result.json", "trials/*/failure.json", "speed/*.json")
        return [path for pattern in patterns for path in sorted(self.folder.glob(pattern))]

    def predictions(self, key: str, split: str) -> dict[str, Prediction]:
        """Return one trial's predictions for one split, by the id of their example."""
        return read_predictions(self.trial_folder(key) / f"predictions-{split}.parquet")


def _read(kind: type[R], path: Path) -> R:
    try:
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise RunError(
            f"{path}: {first_mistake(error)}. Expected a {kind.__name__} of schema {SCHEMA}, "
            "as this version writes it: is the file cut short, edited, or from another version?"
        ) from error
