"""Files that carry a checksum of themselves, so that one that is damaged is noticed before its content is believed.

JSON has it as its first member, ``"sha256"``: the SHA-256 of the document without that member. Parquet and safetensors
have it in their metadata, as ``sha256:`` and 64 digits: that of the file with zeros in the place of the digits. So
every byte counts, and a file that somebody has reformatted is not what was written. Earlier versions wrote none.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

ZEROS = b"0" * 64
UNSEALED = f"sha256:{ZEROS.decode()}"
"""What stands in the metadata of a file until :func:`seal` fills it in."""

_MEMBER = re.compile(rb'\s*\{\s*"sha256"\s*:\s*"([0-9a-f]{64})"\s*,')
_DIGITS = re.compile(rb"sha256:([0-9a-f]{64})")
_CHUNK = 1 << 20


class DamagedError(Exception):
    """A file whose bytes are not those that were written; says why."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A JSON document without its checksum, which it fits; ``None`` where an earlier version wrote it."""

    content: bytes
    checksum: str | None


def open_file(path: Path) -> BinaryIO:
    """Open what must be a regular file: nobody waits for a pipe, and nothing endless is read.

    Raises:
        OSError: it is none, or cannot be read.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    return path.open("rb")


def read_bytes(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises:
        OSError: it is none, cannot be read, or is larger than the memory.
    """
    try:
        with open_file(path) as file:
            return file.read()
    except MemoryError as error:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM), str(path)) from error


def seal_json(text: str) -> str:
    """Return a JSON object, which is not empty, with its checksum."""
    assert text.startswith("{"), "an object, which has members"
    return f'{{\n "sha256": "{sha256(text.encode()).hexdigest()}",{text[1:]}'


def read_json(path: Path) -> Document:
    """Return what :func:`seal_json` was given.

    Raises:
        OSError: it cannot be read.
        DamagedError: its checksum does not fit.
    """
    raw = read_bytes(path)
    member = _MEMBER.match(raw)
    if member is None:
        return Document(content=raw, checksum=None)
    content, stated = b"{" + raw[member.end() :], member[1].decode()
    if sha256(content).hexdigest() != stated:
        raise _misfit()
    return Document(content=content, checksum=stated)


def seal(path: Path) -> str:
    """Fill in the checksum of a Parquet or safetensors file whose metadata have :data:`UNSEALED`, and return it."""
    with path.open("r+b") as file:
        place = _place(file)
        assert place is not None, "its metadata have a place for it"
        digest = _digest(file, place)
        file.seek(place)
        file.write(digest.encode())
    return digest


def checksum(file: BinaryIO) -> str | None:
    """Return the checksum of a Parquet or safetensors file, which it fits; ``None`` where it has none.

    Raises:
        DamagedError: it does not fit.
    """
    place = _place(file)
    if place is None:
        return None
    file.seek(place)
    stated = file.read(len(ZEROS)).decode()
    if _digest(file, place) != stated:
        raise _misfit()
    return stated


def checksum_of(path: Path) -> str | None:
    """Return the checksum of a file of any of the three formats, which it fits; ``None`` where it has none.

    Raises:
        OSError: it cannot be read.
        DamagedError: it does not fit.
    """
    if path.suffix == ".json":
        return read_json(path).checksum
    with open_file(path) as file:
        return checksum(file)


def _misfit() -> DamagedError:
    return DamagedError("its checksum does not fit its content: damaged, cut short, edited or reformatted")


def _place(file: BinaryIO) -> int | None:
    """Return where the digits stand: in Parquet's footer, or in safetensors' header."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(8)
    if head.startswith(b"PAR1"):
        file.seek(max(0, size - 8))
        length = int.from_bytes(file.read(4), "little")
        start = size - 8 - length
    else:
        start, length = len(head), int.from_bytes(head, "little")
    if start < 0 or length > size:
        return None
    file.seek(start)
    found = _DIGITS.search(file.read(length))
    return start + found.start(1) if found else None


def _digest(file: BinaryIO, place: int) -> str:
    digest = sha256()
    file.seek(0)
    for part in _chunks(file, place):
        digest.update(part)
    file.seek(len(ZEROS), os.SEEK_CUR)
    digest.update(ZEROS)
    for part in _chunks(file, None):
        digest.update(part)
    return digest.hexdigest()


def _chunks(file: BinaryIO, length: int | None) -> Iterator[bytes]:
    """Yield the next bytes of a file, so many or to its end."""
    left = float("inf") if length is None else length
    while left and (part := file.read(int(min(left, _CHUNK)))):
        left -= len(part)
        yield part
