"""How a run's files are read: what does not hold what it should is refused in one line, which says how to mend it."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from harness.errors import RunError, first_mistake
from harness.store.records import SCHEMA
from harness.system.sealed import DamagedError, read_json

R = TypeVar("R", bound=BaseModel)


def read_record(kind: type[R], path: Path) -> R:
    """Return the record that a JSON file holds.

    Raises:
        RunError: it cannot be read, is damaged, or holds something else.
    """
    try:
        return kind.model_validate_json(read_json(path).content)
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror}.{advice(path)}") from error
    except DamagedError as error:
        raise RunError(f"{path}: {error}.{advice(path)}") from error
    except ValidationError as error:
        raise RunError(
            f"{path}: {first_mistake(error)}. Expected a {kind.__name__} of schema {SCHEMA}, "
            f"as this version writes it: is the file cut short, edited, or from another version?{advice(path)}"
        ) from error


def advice(path: Path) -> str:
    """Return what mends a file of a run, as a sentence after a space; nothing where it lies in none."""
    for folder in path.parents:
        if (folder / "run.json").is_file():
            return f" `python -m harness verify {folder}` says what is damaged and what would be done again."
    return ""
