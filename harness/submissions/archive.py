"""Zip files of predictions: written the same to the byte, and read in memory with bounds, never unpacked to disk.

A stranger's archive is hostile until read: names may leave the folder, entries may be links, headers may lie about
sizes. So nothing in it names a path of ours, and of what a header says only what can be checked is believed.
"""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path

from harness.errors import SubmissionError

MAX_ARCHIVE_BYTES = MAX_TOTAL_BYTES = 32 * 2**20
MAX_FILE_BYTES = 8 * 2**20
"""The largest file of GLUE, ``QQP.tsv`` with its 390,965 rows, has under 4 MiB."""
MAX_RATIO = 100
"""Between a file and its compressed form. Tables number their rows, so that even constant predictions stay under 10."""
MAX_ENTRIES = 100

_ENTRY, _LOCKED = b"PK\x01\x02", 0x1 | 0x40 | 0x2000  # an entry of the table of contents; its bits for encryption
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_LEAVING = re.compile(r"[/\\]|[A-Za-z]:|(.*[/\\])?\.\.([/\\]|$)|.*\\", re.DOTALL)
_OF_A_MAC = re.compile(r"__MACOSX/|(.*/)?(\._[^/]*|\.DS_Store)\Z", re.DOTALL)
"""What a Mac puts beside the files that it zips: never read."""
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError, NotImplementedError)


def write_archive(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a zip file with ``files`` at its root, in their order; the same ones give the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=_EARLIEST)
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)


def read_archive(path: Path, expected: Collection[str]) -> dict[str, bytes]:
    """Return the contents of a zip file by name, in the order of ``expected``, the names of files that it may hold.

    Raises:
        SubmissionError: no zip file, or a broken or encrypted one; a file that is not expected, not at the root, there
            twice, no ordinary file, or larger than a table of predictions can be.
    """
    content = _content(path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = _checked(path, archive.infolist(), expected)
            found: dict[str, bytes] = {}
            for name in filter(entries.__contains__, expected):
                found[name] = _unpacked(path, archive, entries[name])
                if sum(map(len, found.values())) > MAX_TOTAL_BYTES:
                    raise SubmissionError(f"{path}: its files have more than {_mebibytes(MAX_TOTAL_BYTES)} together.")
            return found
    except _BROKEN as error:
        reason = str(error) or type(error).__name__
        raise SubmissionError(f"{path}: no zip file, or a broken one ({reason}).") from error


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_ARCHIVE_BYTES + 1)
    except OSError as error:
        raise SubmissionError(f"{path}: cannot be read: {error.strerror}.") from error
    if len(content) > MAX_ARCHIVE_BYTES:
        raise SubmissionError(f"{path}: found more than {_mebibytes(MAX_ARCHIVE_BYTES)}, expected a zip of tables.")
    if (count := content.count(_ENTRY)) > MAX_ENTRIES:  # before any of them costs memory
        raise SubmissionError(f"{path}: found some {count} entries, expected at most {MAX_ENTRIES}.")
    return content


def _checked(path: Path, entries: Collection[zipfile.ZipInfo], expected: Collection[str]) -> dict[str, zipfile.ZipInfo]:
    """Return the entries by name, once nothing but their content can still be wrong."""
    found: dict[str, zipfile.ZipInfo] = {}
    seen: dict[str, str] = {}
    for entry in entries:
        name = entry.orig_filename  # as it stands there: zipfile's own reading ends at a NUL
        where = f"{path}: found {name[:80]!r}"
        if twin := seen.get(name.casefold()):
            also = "twice" if twin == name else f"beside {twin!r}"
            raise SubmissionError(f"{where} {also}, expected each file once.")
        seen[name.casefold()] = name
        if _LEAVING.match(name):
            raise SubmissionError(f"{where}, a path that leaves the archive; expected plain names of files.")
        if _OF_A_MAC.match(name):
            continue
        if "/" in name:
            raise SubmissionError(f"{where}, expected no folders: the files belong at the root (zip -j).")
        if name not in expected:
            raise SubmissionError(f"{where}, which should not be there; expected {', '.join(expected)}.")
        kind = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == 3 else 0
        if kind not in (0, stat.S_IFREG) or entry.external_attr & 0x10:
            what = "a link" if kind == stat.S_IFLNK else "no file"
            raise SubmissionError(f"{where}, which is {what}; expected ordinary files.")
        if entry.flag_bits & _LOCKED:
            raise SubmissionError(f"{where}, which is encrypted; expected it without a password.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SubmissionError(f"{where}, compressed by method {entry.compress_type}; expected deflate, or none.")
        found[name] = entry
    return found


def _unpacked(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return an entry's content, read to its own end and not to the one that its header claims."""
    where, claimed = f"{path}/{entry.orig_filename}", entry.file_size
    entry.file_size = 2 * MAX_FILE_BYTES  # where zipfile would stop reading, and call what it has the whole
    with archive.open(entry) as file:  # at the end of what is compressed, the checksum is compared
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise SubmissionError(
            f"{where}: found more than {_mebibytes(MAX_FILE_BYTES)}, expected a table of predictions."
        )
    if len(content) != claimed:
        raise SubmissionError(f"{where}: found {len(content)} bytes where the archive's header says {claimed}.")
    if len(content) > MAX_RATIO * max(entry.compress_size, 1):
        raise SubmissionError(
            f"{where}: found more than {MAX_RATIO} times its compressed size, as no table unpacks to."
        )
    return content


def _mebibytes(size: int) -> str:
    return f"{size // 2**20} MiB"
