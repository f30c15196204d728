"""What a file seems to be that cannot be read as the text or the table that its name promises."""

from pathlib import Path

_BEGINNINGS = (
    (b"\x1f\x8b", "compressed by gzip: unpack it with gunzip"),
    (b"PK\x03\x04", "a zip archive: unpack it"),
    (b"BZh", "compressed by bzip2: unpack it with bunzip2"),
    (b"\xfd7zXZ\x00", "compressed by xz: unpack it with unxz"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd: unpack it with unzstd"),
    (b"PAR1", "a Parquet file"),
    (b"version https://git-lfs", "a pointer of Git LFS in the place of the file: fetch it with git lfs pull"),
    (b"version https://git-annex", "a pointer of git-annex in the place of the file: fetch it with git annex get"),
    (b"<!doctype html", "a page of HTML, as a server sends in the place of a file: download it again"),
    (b"<html", "a page of HTML, as a server sends in the place of a file: download it again"),
    (b"<?xml", "XML"),
    (b"\xff\xfe", "in UTF-16: convert it with iconv -f UTF-16 -t UTF-8"),
    (b"\xfe\xff", "in UTF-16: convert it with iconv -f UTF-16 -t UTF-8"),
)
_HEAD_BYTES = 512


def disguise(path: Path) -> str:
    """Return `` The file seems to be WHAT.`` where its beginning tells, else an empty text."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return ""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    what = next((what for sign, what in _BEGINNINGS if head.startswith(sign) or start.startswith(sign)), "")
    if not what and head.count(0) * 4 > len(head):  # every other byte of Latin script
        what = f"in UTF-16: convert it with iconv -f UTF-16{'BE' if head[:1] == bytes(1) else 'LE'} -t UTF-8"
    return f" The file seems to be {what}." if what else ""
