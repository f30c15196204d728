"""Archives from strangers: what is read, what is refused and in which words, and that nothing else ever happens."""

import io
import re
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.errors import SubmissionError
from harness.submissions import archive as archives
from harness.submissions.archive import read_archive, write_archive

NAMES = ("A.tsv", "B.tsv")
FILES = {"A.tsv": b"index\tprediction\n0\t1\n", "B.tsv": b"one\n" * 50}


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of double names
        for entry, content in entries:
            archive.writestr(entry, content, method)
    return buffer.getvalue()


def named(name: str) -> bytes:
    return zipped(("A.tsv", b"x"), (name, b"x"))


def of_kind(mode: int, attributes: int = 0) -> bytes:
    info = zipfile.ZipInfo("A.tsv")
    info.external_attr, info.create_system = mode << 16 | attributes, 3 if mode else 0
    return zipped((info, b"/etc/passwd"))


def patched(content: bytes, offset: int, form: str, value: int) -> bytes:
    """Change a field of the only entry of the table of contents."""
    changed = bytearray(content)
    struct.pack_into(form, changed, content.index(b"PK\x01\x02") + offset, value)
    return bytes(changed)


ONE = zipped(("A.tsv", FILES["B.tsv"]))
STORED = zipped(("A.tsv", b"1234567890"), method=zipfile.ZIP_STORED)
TWICE = "expected each file once."
LEAVES = "a path that leaves the archive; expected plain names of files."
REFUSED: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "no zip": (b"index\tprediction\n", ": no zip file, or a broken one (File is not a zip file)."),
    "empty": (b"", ": no zip file, or a broken one (File is not a zip file)."),
    "cut short": (zipped(*FILES.items())[:-30], ": no zip file, or a broken one (File is not a zip file)."),
    "bad checksum": (
        STORED.replace(b"1234567890", b"1234567891"),
        ": no zip file, or a broken one (Bad CRC-32 for file 'A.tsv').",
    ),
    "parent": (named("../A.tsv"), f": found '../A.tsv', {LEAVES}"),
    "parent within": (named("a/../../A.tsv"), f": found 'a/../../A.tsv', {LEAVES}"),
    "absolute": (named("/etc/A.tsv"), f": found '/etc/A.tsv', {LEAVES}"),
    "drive": (named("C:A.tsv"), f": found 'C:A.tsv', {LEAVES}"),
    "backslash": (named("..\\A.tsv"), f": found '..\\\\A.tsv', {LEAVES}"),
    "folder": (named("out/B.tsv"), ": found 'out/B.tsv', expected no folders: the files belong at the root (zip -j)."),
    "only a folder": (named("B/"), ": found 'B/', expected no folders: the files belong at the root (zip -j)."),
    "other file": (named("notes.txt"), ": found 'notes.txt', which should not be there; expected A.tsv, B.tsv."),
    "other case": (
        zipped(("b.tsv", b"")),
        ": found 'b.tsv', which should not be there; expected A.tsv, B.tsv.",
    ),
    "twice": (named("A.tsv"), f": found 'A.tsv' twice, {TWICE}"),
    "twice, but for case": (named("a.TSV"), f": found 'a.TSV' beside 'A.tsv', {TWICE}"),
    "link": (of_kind(stat.S_IFLNK | 0o777), ": found 'A.tsv', which is a link; expected ordinary files."),
    "pipe": (of_kind(stat.S_IFIFO | 0o644), ": found 'A.tsv', which is no file; expected ordinary files."),
    "folder by its attributes": (of_kind(0, 0x10), ": found 'A.tsv', which is no file; expected ordinary files."),
    "encrypted": (patched(ONE, 8, "<H", 1), ": found 'A.tsv', which is encrypted; expected it without a password."),
    "bzip2": (
        zipped(("A.tsv", b"x"), method=zipfile.ZIP_BZIP2),
        ": found 'A.tsv', compressed by method 12; expected deflate, or none.",
    ),
    "bomb": (
        lambda: zipped(("A.tsv", bytes(archives.MAX_FILE_BYTES + 1))),
        "/A.tsv: found more than 8 MiB, expected a table of predictions.",
    ),
    "bomb that claims to be small": (
        lambda: patched(zipped(("A.tsv", bytes(archives.MAX_FILE_BYTES + 1))), 24, "<L", 10),
        "/A.tsv: found more than 8 MiB, expected a table of predictions.",
    ),
    "header that claims less": (
        patched(ONE, 24, "<L", 4),
        "/A.tsv: found 200 bytes where the archive's header says 4.",
    ),
    "header that claims more": (
        patched(ONE, 24, "<L", 2**31),
        "/A.tsv: found 200 bytes where the archive's header says 2147483648.",
    ),
    "ratio": (
        zipped(("A.tsv", bytes(2**20))),
        "/A.tsv: found more than 100 times its compressed size, as no table unpacks to.",
    ),
    "entries": (
        zipped(*((f"{number}.tsv", b"") for number in range(101))),
        ": found some 101 entries, expected at most 100.",
    ),
}


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "answers.zip"
        path.write_bytes(content)
        return path

    return write


def test_what_is_written_is_read_and_always_the_same(tmp_path: Path) -> None:
    one, other = tmp_path / "one.zip", tmp_path / "other.zip"
    write_archive(one, FILES)
    write_archive(other, FILES)
    assert one.read_bytes() == other.read_bytes()
    assert read_archive(one, NAMES) == FILES
    with zipfile.ZipFile(one) as archive:
        assert archive.namelist() == list(FILES)
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_others_may_order_and_store_as_they_like(file: Callable[[bytes], Path]) -> None:
    path = file(zipped(*reversed(FILES.items()), method=zipfile.ZIP_STORED))
    assert list(read_archive(path, NAMES).items()) == list(FILES.items())
    assert list(read_archive(file(ONE), NAMES)) == ["A.tsv"]


def test_what_a_mac_puts_beside_the_files_is_passed_over(file: Callable[[bytes], Path]) -> None:
    beside = ("__MACOSX/", "__MACOSX/._A.tsv", "__MACOSX/.DS_Store", ".DS_Store", "._B.tsv", "__MACOSX/out/._A.tsv")
    path = file(zipped(*((name, b"Mac OS X") for name in beside), *FILES.items()))
    assert read_archive(path, NAMES) == FILES
    with pytest.raises(SubmissionError, match="a path that leaves the archive"):
        read_archive(file(zipped(("__MACOSX/../../A.tsv", b"x"))), NAMES)
    with pytest.raises(SubmissionError, match=r"found '\.A\.tsv', which should not be there"):
        read_archive(file(zipped((".A.tsv", b"x"))), NAMES)


@pytest.mark.parametrize(("content", "complaint"), REFUSED.values(), ids=REFUSED)
def test_a_bad_archive_is_refused(file: Callable[[bytes], Path], content: bytes, complaint: str) -> None:
    path = file(content if isinstance(content, bytes) else content())
    with pytest.raises(SubmissionError) as error:
        read_archive(path, NAMES)
    assert str(error.value) == f"{path}{complaint}"
    assert list(path.parent.iterdir()) == [path]


def test_an_archive_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=re.escape(f"{tmp_path}: cannot be read: Is a directory.")):
        read_archive(tmp_path, NAMES)


def test_limits_on_the_whole(file: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(zipped(*FILES.items()))
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 220)
    with pytest.raises(SubmissionError, match="its files have more than 0 MiB together"):
        read_archive(path, NAMES)
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", path.stat().st_size - 1)
    with pytest.raises(SubmissionError, match="found more than 0 MiB, expected a zip of tables"):
        read_archive(path, NAMES)


@given(
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 400),
    method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
@example(changes=[], cut=400, method=zipfile.ZIP_DEFLATED)
def test_a_damaged_archive_gives_its_content_or_one_line(tmp_path_factory, changes, cut, method) -> None:
    content = bytearray(zipped(*FILES.items(), method=method)[:cut])
    for place, value in changes:
        if place < len(content):
            content[place] = value
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(content)
    complaint, found = "", {}
    try:
        found = read_archive(path, NAMES)
    except SubmissionError as error:
        complaint = str(error)
    assert found.items() <= FILES.items()
    assert "\n" not in complaint
