import gzip
import io
import zipfile
from pathlib import Path

import pytest

from harness.data.disguises import disguise

TABLE = "sentence\tlabel\nfine\t1\n"


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("train.tsv", TABLE)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (gzip.compress(TABLE.encode()), "gunzip"),
        (zipped(), "a zip archive"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n", "git lfs pull"),
        (b"\n<!DOCTYPE html>\n<html>", "a page of HTML"),
        (b"\xef\xbb\xbf<HTML>", "a page of HTML"),
        (TABLE.encode("utf-16"), "iconv -f UTF-16 -t"),
        (TABLE.encode("utf-16-le"), "iconv -f UTF-16LE -t"),
        (TABLE.encode("utf-16-be"), "iconv -f UTF-16BE -t"),
        (b"PAR1\x15\x04", "Parquet"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",  # two workers that collect give archives other times
)
def test_what_a_beginning_tells_is_said(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "file").write_bytes(content)
    assert disguise(tmp_path / "file").startswith(" The file seems to be ")
    assert what in disguise(tmp_path / "file")


@pytest.mark.parametrize("content", [b"", TABLE.encode(), b"{}", "naïve".encode("latin-1"), b"a\0b and much more"])
def test_of_any_other_file_nothing_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert disguise(tmp_path / "file") == ""


def test_of_what_cannot_be_opened_nothing_is_said(tmp_path: Path) -> None:
    assert disguise(tmp_path) == disguise(tmp_path / "nothing") == ""
