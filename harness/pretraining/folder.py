"""The folder of a pretraining: unfinished, with all that it goes on from, or finished: a checkpoint."""

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.pretraining.record import PretrainingRecord, read_record
from harness.system.files import replacing, sweep, write_text


@dataclass(frozen=True)
class Folder:
    """Where a pretraining is written; ``unfinished/`` is removed at its end."""

    path: Path

    @property
    def unfinished(self) -> Path:
        """What a pretraining that was interrupted goes on from."""
        return self.path / "unfinished"

    @property
    def checkpoint(self) -> Path:
        """Weights, moments and progress."""
        return self.unfinished / "checkpoint.safetensors"

    @property
    def tokenizer(self) -> Path:
        """The tokenizer of the corpus."""
        return self.unfinished / "tokenizer.json"

    @property
    def counts(self) -> Path:
        """How many tokens there are: written once they are."""
        return self.unfinished / "tokens.json"

    @property
    def lock(self) -> Path:
        """Held by whoever trains."""
        return self.unfinished / "lock"

    def tokens(self, part: str) -> Path:
        """Return the file of the tokens of ``train`` or ``held_out``."""
        return self.unfinished / f"{part}.tokens"

    def finished(self, identity: Mapping[str, Any]) -> PretrainingRecord | None:
        """Return the record of this very pretraining, if it is there; ``None`` if it is to be begun, or gone on with.

        Raises:
            UsageError: there is something else in the folder.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"--out {self.path}: is a file; expected a folder, or nothing, of that name.")
        record = read_record(self.path)
        if record:
            self._require_same(record.identity, identity)
            return record
        if self._identity.is_file():
            self._require_same(json.loads(self._identity.read_text(encoding="utf-8")), identity)
            return None
        held = sorted(path.name for path in self.path.iterdir()) if self.path.is_dir() else []
        if held:
            what = "a checkpoint of another origin" if {"config.json", "tokenizer.json"} & set(held) else "other files"
            raise UsageError(
                f"--out {self.path}: holds {what} ({', '.join(held[:4])}); expected an empty folder, a new "
                "one, or this pretraining, interrupted."
            )
        return None

    def begin(self, identity: Mapping[str, Any]) -> None:
        """Write down what is to be done here, and clear away what a killed process left half written."""
        self.unfinished.mkdir(parents=True, exist_ok=True)
        sweep(self.unfinished)
        if not self._identity.is_file():
            write_text(self._identity, json.dumps(identity, indent=1))

    def withdraw(self) -> None:
        """Remove what there is of a pretraining that cannot be done; the folder too, where nothing else is in it."""
        shutil.rmtree(self.unfinished, ignore_errors=True)
        with suppress(OSError):
            self.path.rmdir()

    def finish(self, files: Mapping[str, str], weights: Any, record: PretrainingRecord) -> None:
        """Write the checkpoint, its record last, and remove what it would have gone on from.

        ``weights`` writes the safetensors file to a path; the other files are texts by name.
        """
        with replacing(self.path / "model.safetensors") as temporary:
            weights(temporary)
        for name, text in files.items():
            write_text(self.path / name, text)
        write_text(self.path / "pretraining.json", record.to_json())
        shutil.rmtree(self.unfinished, ignore_errors=True)

    @property
    def _identity(self) -> Path:
        return self.unfinished / "identity.json"

    def _require_same(self, held: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
        """Raise a UsageError that says in what the pretraining that is there differs from what is asked for."""
        there, here = dict(_flat(held)), dict(_flat(asked))
        differing = [name for name in here if there.get(name) != here[name]]
        if not differing and there.keys() <= here.keys():
            return
        named = "; ".join(f"{name} is {there.get(name)} there, {here[name]} here" for name in differing[:3])
        raise UsageError(
            f"--out {self.path}: holds another pretraining ({named or 'of another version'}); choose another "
            "folder, or remove it."
        )


def _flat(values: Mapping[str, Any]) -> "list[tuple[str, Any]]":
    found: list[tuple[str, Any]] = []
    for name, value in values.items():
        found += _flat(value) if isinstance(value, Mapping) else [(name, value)]
    return found
