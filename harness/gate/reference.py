"""Reference files: read with care, and written so that a person can see in a diff what changed."""

import math
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from harness.errors import GateError, first_mistake
from harness.gate.records import REFERENCE_SCHEMA, PairRecord, Reference
from harness.system.files import write_text
from harness.system.sealed import DamagedError, read_json, seal_json

NUMBERS = re.compile(r"\[\n[\s\d.,eE+-]+\]")
"""A list of numbers as indented JSON has it. No text holds a line's end unescaped, so none is matched."""


class _Versioned(BaseModel):
    schema_version: Any = None


def write_reference(path: Path, reference: Reference) -> None:
    """Write a reference file: a line a field, a list of numbers on one line.

    Raises:
        GateError: it cannot be written there.
    """
    if path.is_dir():
        raise GateError(f"--out {path}: is a folder; expected the name of a file, such as {path / 'reference.json'}.")
    text = NUMBERS.sub(lambda found: re.sub(r"\s+", " ", found[0]), reference.model_dump_json(indent=1))
    try:
        write_text(path, seal_json(text + "\n"))
    except OSError as error:
        raise GateError(f"--out {path}: cannot be written: {error.strerror}.") from error


def read_reference(path: Path) -> Reference:
    """Return what a reference file holds.

    Raises:
        GateError: the file cannot be read, is cut short, is from a newer version, or holds what cannot be.
    """
    try:
        content = read_json(path).content
    except OSError as error:
        raise GateError(
            f"{path}: cannot be read ({error.strerror}); expected a run's folder, or a file made by "
            "`python -m harness reference RUN --out FILE`."
        ) from error
    except DamagedError as error:
        raise GateError(
            f"{path}: {error}. A reference is data: make it again, `python -m harness reference RUN --out {path}`."
        ) from error
    _check_version(path, content)
    try:
        reference = Reference.model_validate_json(content)
    except ValidationError as error:
        raise GateError(
            f"{path}: {first_mistake(error)}; expected a file made by `python -m harness reference`."
        ) from error
    if reason := _inconsistency(reference):
        raise GateError(f"{path}: {reason}")
    return reference


def _check_version(path: Path, content: bytes) -> None:
    """Raise for a newer version's file, of which no more than its version can be read, and for what is no JSON."""
    try:
        version = _Versioned.model_validate_json(content).schema_version
    except ValidationError as error:
        reason = first_mistake(error)
        raise GateError(f"{path}: not JSON ({reason}); expected a reference file: is it cut short?") from error
    if isinstance(version, int) and version > REFERENCE_SCHEMA:
        raise GateError(
            f"{path}: made by a newer version of harness (schema {version}, this one reads {REFERENCE_SCHEMA}); "
            "upgrade harness, or make the reference again with this version."
        )


def _inconsistency(reference: Reference) -> str:
    """Return what cannot be, or an empty string."""
    if not reference.pairs:
        return "holds no results; nothing can be judged by it."
    if len(reference.by_pair) < len(reference.pairs):
        return "holds a pair of task and model twice; is the file edited?"
    return next((reason for record in reference.pairs if (reason := _inconsistency_of_pair(record))), "")


def _inconsistency_of_pair(record: PairRecord) -> str:
    where = f"pair {record.task} × {record.model.name}"
    if not record.seeds or len({seed.seed for seed in record.seeds}) < len(record.seeds):
        return f"{where}: expected each seed once, and at least one; is the file edited?"
    splits = set(record.seeds[0].answers)
    for seed in record.seeds:
        scores = [seed.score, *(value for values in seed.scores.values() for value in values.values())]
        if not all(map(math.isfinite, scores)):
            return f"{where}, seed {seed.seed}: a score is not a finite number; make the reference again."
        if set(seed.answers) != splits or set(seed.scores) != splits or not splits:
            return f"{where}, seed {seed.seed}: expected predictions for {', '.join(sorted(splits)) or 'a split'}."
    return ""
