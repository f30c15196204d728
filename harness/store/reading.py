"""How a run's files are read: what does not hold what it should is refused in one line, which says how to mend it."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from harness.errors import RunError, first_mistake
from harness.store.records import SCHEMA
from harness.system.sealed import DamagedError, checksum_of, read_json

R = TypeVar("R", bound=BaseModel)


class StoredFileError(RunError):
    """A file of a run that cannot be used: where, why, and for a file in a run's folder what mends it."""

    def __init__(self, path: Path, reason: str) -> None:
        folder = next((folder for folder in path.parents if (folder / "run.json").is_file()), None)
        cure = f" `python -m harness verify {folder}` says what is damaged and what would be done again."
        super().__init__(f"{path}: {reason}.{cure if folder else ''}")
        self.path, self.reason = path, reason


def read_record(kind: type[R], path: Path) -> R:
    """Return the record that a JSON file holds.

    Raises:
        StoredFileError: it cannot be read, is damaged, or holds something else.
    """
    try:
        return kind.model_validate_json(read_json(path).content)
    except OSError as error:
        raise StoredFileError(path, f"cannot be read: {error.strerror}") from error
    except DamagedError as error:
        raise StoredFileError(path, str(error)) from error
    except ValidationError as error:
        expected = f"a {kind.__name__} of schema {SCHEMA}, as this version writes it"
        raise StoredFileError(
            path,
            f"{first_mistake(error)}. Expected {expected}: is the file cut short, edited, or from another version",
        ) from error


def check_file(path: Path, checksum: str) -> None:
    """Check that a file is the one with this checksum.

    Raises:
        StoredFileError: it is not, or is damaged.
    """
    try:
        is_that = checksum_of(path) == checksum
    except OSError as error:
        raise StoredFileError(path, f"cannot be read: {error.strerror}") from error
    except (DamagedError, ValueError) as error:  # ValueError: a name that no file can have
        raise StoredFileError(path, str(error)) from error
    if not is_that:
        raise StoredFileError(path, "not the file that its result names: damaged, or another one")
