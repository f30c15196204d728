"""Text as documents, read line by line: what a corpus is made of, however large it is.

A document is an article of WikiText, which begins with a heading ``= Title =``; or what stands between lines that hold
``<|endoftext|>`` and nothing else; or, in a file that begins with neither, what stands between blank lines. In a file
of JSON lines it is the ``text`` of each.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from harness.errors import DataError

HEADING = re.compile(r" ?= (?!=)[^\n]*(?<!=) = ?\n?")
"""Of an article of WikiText: a section's has more signs."""
BETWEEN = "<|endoftext|>"
LINES_SEEN = 2_000
"""From which it is told what parts the documents of a file."""
MAX_CHARACTERS = 1 << 20
"""Of a document; what is longer is several, so that a corpus without any border fits into memory."""


def read_documents(path: Path) -> Iterator[str]:
    """Yield the documents of a file in UTF-8, with ends of lines as on Unix.

    Raises:
        DataError: there are bytes in it that are no UTF-8, or a line that is no JSON object with a text.
    """
    lines = read_lines(path)
    yield from _texts(path, lines) if path.suffix == ".jsonl" else divide(lines)


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file, each with its end, as pieces of at most ``MAX_CHARACTERS``.

    Raises:
        DataError: there are bytes in it that are no UTF-8.
    """
    with path.open(encoding="utf-8-sig") as file:
        try:
            while line := file.readline(MAX_CHARACTERS):
                yield line
        except UnicodeDecodeError:
            raise _undecodable(path) from None


def divide(lines: Iterable[str]) -> Iterator[str]:
    """Yield the documents that lines make up."""
    rest = iter(lines)
    first = list(islice(rest, LINES_SEEN))
    is_articles = any(HEADING.fullmatch(line) for line in first)
    is_marked = any(line.strip() == BETWEEN for line in first)
    gathered: list[str] = []
    size = 0
    for line in chain(first, rest):
        is_mark = is_marked and line.strip() == BETWEEN
        begins = bool(HEADING.fullmatch(line)) if is_articles else is_mark if is_marked else not line.strip()
        if begins or size >= MAX_CHARACTERS:
            yield from _whole(gathered)
            gathered, size = [], 0
        if not is_mark:
            gathered.append(line)
            size += len(line)
    yield from _whole(gathered)


def _whole(lines: list[str]) -> Iterator[str]:
    if text := "".join(lines).strip():
        yield text


def _texts(path: Path, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{path}, line {number}: no JSON ({error}); expected an object with a 'text'.") from error
        text = row.get("text") if isinstance(row, dict) else None
        if not isinstance(text, str):
            raise DataError(f"{path}, line {number}: no 'text'; expected an object with a text under that name.")
        if text.strip():
            yield text


def _undecodable(path: Path) -> DataError:
    """Return what is wrong with a file that is no UTF-8, found again byte by byte."""
    place = 0
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(4 * MAX_CHARACTERS), b""), 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                byte = f"0x{line[error.start]:02x}"
                return DataError(
                    f"{path}, line {number} (byte {place + error.start:,} of the file): {byte} is no "
                    "UTF-8; expected a text file in UTF-8: convert it, such as by `iconv -f latin1 -t utf-8`."
                )
            place += len(line)
    return DataError(f"{path} is no UTF-8; expected a text file in UTF-8.")
