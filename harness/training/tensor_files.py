"""Safetensors files with a checksum, and a text that says what they are: token sequences, and training states."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError, safe_open

from harness.system.files import replacing
from harness.system.sealed import UNSEALED, DamagedError, checksum_of, seal

_KEY = "harness"
"""The only one: safetensors writes several in any order, and the same content is to be the same bytes."""


@contextmanager
def writing(path: Path, about: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """Give the temporary path of a file and the metadata that it is to be saved with; it is sealed after the block.

    Raises:
        OSError: it cannot be written.
    """
    with replacing(path) as temporary:
        try:
            yield temporary, {_KEY: f"{about}\n{UNSEALED}"}
        except SafetensorError as error:
            code = re.search(r"os error (\d+)", str(error))
            raise OSError(int(code[1]) if code else errno.EIO, f"cannot be written ({error})", str(path)) from error
        seal(temporary)


def read_about(path: Path) -> str:
    """Return the text of a file, once all of it fits its checksum.

    Raises:
        OSError: it cannot be read.
        DamagedError: it does not fit, or has none.
    """
    if checksum_of(path) is None:
        raise DamagedError("it has no checksum: made by an earlier version, or damaged")
    try:
        with safe_open(path, framework="pt") as file:
            text: str = (file.metadata() or {}).get(_KEY, "")
    except SafetensorError as error:
        raise DamagedError(str(error)) from error
    return text.rpartition("\n")[0]
