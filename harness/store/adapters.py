"""What a trial trained of a checkpoint, where that is little: files in a folder of their own, in their own format.

They have no checksum of their own, which its readers would not know; the trial's result has it.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from harness.store.reading import StoredFileError
from harness.system.files import replacing
from harness.system.sealed import read_bytes


def write_adapter(folder: Path, files: Mapping[str, bytes]) -> dict[str, str]:
    """Write each file whole or not at all; return the SHA-256 of each."""
    for name, content in files.items():
        with replacing(folder / name) as temporary:
            temporary.write_bytes(content)
    return {name: sha256(content).hexdigest() for name, content in files.items()}


def check_adapter(folder: Path, digests: Mapping[str, str]) -> None:
    """Check that a folder has these files.

    Raises:
        StoredFileError: one is damaged, missing or another one.
    """
    for name, digest in digests.items():
        path = folder / name
        try:
            found = sha256(read_bytes(path)).hexdigest()
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            raise StoredFileError(path, f"cannot be read: {error}") from error
        if found != digest:
            raise StoredFileError(path, "not the file that its result names: damaged, or another one")
