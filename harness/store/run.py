"""A run: a folder of results. A file is written under a temporary name, flushed, and renamed into place.

::

    RUN/run.json                          what the run set out to do
    RUN/trials/KEY/result.json            present means complete
    RUN/trials/KEY/predictions-SPLIT.parquet
    RUN/trials/KEY/attributions-SPLIT.json why, word by word, for a handful of examples
    RUN/examples/NAME/SPLIT.parquet       the questions, with the answers that count as right
    RUN/trials/KEY/adapter/               of LoRA, what was trained, as peft reads it
    RUN/trials/KEY/failure.json           the traceback of a trial that failed, or of the measurement of its speed
    RUN/trials/KEY/checkpoint.safetensors while training, and until its speed is measured
    RUN/trials/KEY/weights.safetensors    of a trial that others begin with: its encoder, until all of those are done
    RUN/speed/TASK--MODEL--HASH.json      latency and throughput of one pair
    RUN/cache/HASH.safetensors            token sequences; may be deleted at any time
    RUN/cache/HASH.json                   examples, parsed; likewise
    RUN/report/                           what `report` makes of all this
    RUN/trials/KEY/.claim                 locked by whoever works at the trial, on any host
    RUN/.info                             locked by whoever changes run.json
    RUN/.hosts/HOST/                      locked by who computes and who measures on one host, and its cores

Each file but logs, locks and adapters carries a checksum (:mod:`harness.system.sealed`), and a result those of the
files that belong to it. "Present means complete" is not believed but verified, on every reading.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.api.example import Prediction
from harness.errors import RunError
from harness.store.adapters import check_adapter, write_adapter
from harness.store.listing import entries, files_in, is_there, is_there_or_damaged
from harness.store.predictions import SplitPredictions, read_prediction_table, read_predictions, write_predictions
from harness.store.reading import StoredFileError, check_file, read_record
from harness.store.records import Failure, Record, Result, Speed
from harness.store.run_info import RunInfo, merged
from harness.system.environment import host
from harness.system.files import slug, write_text
from harness.system.locks import alone
from harness.system.sealed import DamagedError, checksum_of, seal_json


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
        if not run.is_begun():
            raise RunError(
                f"{folder}: not a run; expected a folder made by `python -m harness run --out`, with a run.json in it."
            )
        return run

    def is_begun(self) -> bool:
        """Return whether the folder is one that a run has begun in."""
        return not self.folder.is_file() and is_there(self.info_path)

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

    def weights_path(self, key: str) -> Path:
        """Return where the trial leaves its encoder for others to begin with."""
        return self.trial_folder(key) / "weights.safetensors"

    def has_weights(self, key: str) -> bool:
        """Return whether the encoder that a trial left is there, and not damaged."""
        try:
            return checksum_of(self.weights_path(key)) is not None
        except (OSError, DamagedError):
            return False

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

    def result_path(self, key: str) -> Path:
        """Return where one trial's result lies."""
        return self.trial_folder(key) / "result.json"

    def predictions_path(self, key: str, split: str) -> Path:
        """Return where one trial's predictions for one split lie."""
        return self.trial_folder(key) / _predictions_name(split)

    def is_done(self, key: str) -> bool:
        """Return whether the trial's result is there, and all that belongs to it, and nothing of that is damaged."""
        return self.done(key) is not None

    def done(self, key: str) -> Result | None:
        """Return the result of a trial that is done; ``None`` where it is not."""
        try:
            return self.verified(key)
        except StoredFileError:
            return None

    def verified(self, key: str) -> Result | None:
        """Return a trial's result, once all that belongs to it is there and whole; ``None`` where there is no result.

        Raises:
            StoredFileError: there is one, and a file is damaged, missing or another one.
        """
        if not is_there_or_damaged(self.result_path(key)):
            return None
        result = self.result(key)
        if result.files is None:  # an earlier version's, which names no files
            for split in result.scores:
                found, expected = len(self.predictions(result, split)), result.data.num_examples.get(split)
                if expected not in {None, found}:
                    reason = f"{found} predictions for {expected} examples"
                    raise StoredFileError(self.predictions_path(key, split), reason)
        for name, checksum in (result.files or {}).items():
            check_file(self.trial_folder(key) / name, checksum)
        check_adapter(self.trial_folder(key) / "adapter", result.adapter)
        return result

    def is_measured(self, key: str) -> bool:
        """Return whether the speed that was measured of a trial's model is there, and not damaged."""
        try:
            return self.verified_speed(key) is not None
        except StoredFileError:
            return False

    def verified_speed(self, key: str) -> Speed | None:
        """Return what was measured of a trial's model; ``None`` where nothing was.

        Raises:
            StoredFileError: it is damaged, or another's.
        """
        path = self.speed_path(key)
        if not is_there_or_damaged(path):
            return None
        speed = read_record(Speed, path)
        if speed.trial_key != key:
            raise StoredFileError(path, f"the speed of {speed.trial_key}, under another's name")
        return speed

    def save(
        self, result: Result, splits: Iterable[SplitPredictions], adapter: Mapping[str, bytes] | None = None
    ) -> None:
        """Write the predictions of each split and the adapter's files, then the result that says they are complete."""
        folder, files = self.trial_folder(result.key), {}
        for found in splits:
            ids = [example.id for example in found.examples]
            path = self.predictions_path(result.key, found.split)
            files[path.name] = write_predictions(path, ids, found.predictions)
        for path in sorted(folder.glob("attributions-*.json")):
            with suppress(OSError, DamagedError):  # one that an earlier attempt left, and nobody needs
                files[path.name] = checksum_of(path) or ""
        kept = {"files": files, "adapter": write_adapter(folder / "adapter", adapter or {})}
        _write(self.result_path(result.key), result.model_copy(update=kept))
        (folder / "failure.json").unlink(missing_ok=True)

    def save_failure(self, failure: Failure) -> None:
        """Keep the traceback of a trial that failed, or whose speed could not be measured."""
        _write(self.trial_folder(failure.key) / "failure.json", failure)

    def save_speed(self, name: str, speed: Speed) -> None:
        """Write what was measured of one pair."""
        _write(self.speed_path(name), speed)
        (self.trial_folder(speed.trial_key) / "failure.json").unlink(missing_ok=True)

    def speed_path(self, name: str) -> Path:
        """Return where the speed of one pair lies."""
        return self.folder / "speed" / f"{name}.json"

    def save_info(self, info: RunInfo) -> None:
        """Write what the run set out to do, in place of what it did before."""
        _write(self.info_path, info)

    def add_info(self, info: RunInfo) -> None:
        """Write what the run is to do as well, beside all that it set out to do before, whoever asks at once.

        Raises:
            RunError: its results come from another source.
        """
        with alone(self.folder / ".info"):
            earlier = self.info() if self.is_begun() else None
            if earlier and earlier.source != info.source and {earlier.source, info.source} & {"hub", "sample"}:
                raise RunError(
                    f"{self.folder}: its results come from --data {earlier.source}; with --data {info.source} they "
                    "could not stand in one table. Give another --out."
                )
            if (together := merged(earlier, info) if earlier else info) != earlier:
                self.save_info(together)

    def info(self) -> RunInfo:
        """Return what the run set out to do."""
        return read_record(RunInfo, self.info_path)

    def result(self, key: str) -> Result:
        """Return one trial's result."""
        path = self.result_path(key)
        result = read_record(Result, path)
        if result.key != key:
            raise StoredFileError(path, f"the result of {result.key}, in another's folder")
        return result

    def results(self) -> list[Result]:
        """Return all results, by key."""
        return [self.result(path.parent.name) for path in self._of_trials("result.json")]

    def failure(self, key: str) -> Failure:
        """Return how a trial failed last."""
        return read_record(Failure, self.trial_folder(key) / "failure.json")

    def failures(self) -> list[Failure]:
        """Return what failed and has not been done since."""
        found = [read_record(Failure, path) for path in self._of_trials("failure.json")]
        return [failure for failure in found if not self._is_made_good(failure)]

    def _is_made_good(self, failure: Failure) -> bool:
        """Return whether it was done since: under this key, or under a later plan's, from other data or settings."""
        if failure.kind == "speed":
            return self.is_measured(failure.key)
        pair_and_seed, _, _ = failure.key.rpartition("--")
        later = [p for p in self._of_trials("result.json") if p.parent.name.startswith(f"{pair_and_seed}--")]
        return self.is_done(failure.key) or any(read_record(Result, path).created >= failure.created for path in later)

    def speeds(self) -> list[Speed]:
        """Return all measurements of speed."""
        return [read_record(Speed, path) for path in files_in(self.folder / "speed", ".json")]

    def records(self) -> list[Path]:
        """Return every file that a report is made from."""
        speeds = files_in(self.folder / "speed", ".json")
        trials = [path for folder in self._trial_folders() for path in files_in(folder, ".json", ".parquet")]
        folders = [folder for folder in entries(self.folder / "examples") if folder.is_dir()]
        return [self.info_path, *speeds, *trials, *(path for each in folders for path in files_in(each, ".parquet"))]

    def _of_trials(self, name: str) -> list[Path]:
        """Return where the files of this name lie, one a trial that has it."""
        paths = (folder / name for folder in self._trial_folders())
        return [path for path in paths if is_there_or_damaged(path)]

    def _trial_folders(self) -> list[Path]:
        """Return what should be a trial's folder: all that is called like one, or is one."""
        return [path for path in entries(self.folder / "trials") if "--" in path.name or path.is_dir()]

    def predictions(self, result: Result, split: str) -> dict[str, Prediction]:
        """Return the predictions of a result for one split, by the id of their example."""
        return read_predictions(self.predictions_path(result.key, split), _sealed_as(result, split))

    def prediction_table(self, result: Result, split: str) -> dict[str, list[Any]]:
        """Return the same as columns ``id``, ``value`` and ``scores``."""
        return read_prediction_table(self.predictions_path(result.key, split), _sealed_as(result, split))


def _write(path: Path, record: Record) -> None:
    write_text(path, seal_json(record.model_dump_json(indent=1)))


def _predictions_name(split: str) -> str:
    return f"predictions-{split}.parquet"


def _sealed_as(result: Result, split: str) -> str | None:
    return (result.files or {}).get(_predictions_name(split))
