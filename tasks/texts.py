"""Files of plain text as documents, and what is wrong with one that cannot be read.

A file is one document, unless lines that hold ``<|endoftext|>`` and nothing else part it into several.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.errors import DataError

BETWEEN = re.compile(r"^<\|endoftext\|>[ \t]*(?:\n|$)", re.MULTILINE)
HEADING = re.compile(r" = (?!=)[^\n]*(?<!=) = ?\n?")
"""Of an article of WikiText: a section's has more signs."""


def read_text(path: Path) -> str:
    """Return the text of a file, which is UTF-8, with ends of lines as on Unix.

    Raises:
        DataError: there are bytes in it that are no UTF-8, or nothing at all.
    """
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start + len(raw) - len(error.object)  # what is decoded is without a byte order mark
        line = raw.count(b"\n", 0, start) + 1
        raise DataError(
            f"{path}, line {line} (byte {start:,} of the file): 0x{raw[start]:02x} is no "
            "UTF-8; expected a text file in UTF-8: convert it, such as by `iconv -f latin1 -t utf-8`."
        ) from error
    if not text.strip():
        raise DataError(f"{path} is empty; expected a text.")
    return text.replace("\r\n", "\n")


def read_documents(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the documents of a text file: ``name`` and ``text``."""
    parts = [part for part in BETWEEN.split(read_text(path)) if part.strip()]
    for number, part in enumerate(parts, 1):
        yield {"name": path.name if len(parts) == 1 else f"{path.name} {number}", "text": part}


def read_articles(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the articles of a file of WikiText as they stand in it."""
    return gather_articles({"text": f"{line}\n"} for line in read_text(path).removesuffix("\n").split("\n"))


def gather_articles(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the articles that lines make up: together they are the lines, each one once.

    An article begins with a heading between lines that are empty; what stands before the first belongs to that. The hub
    has an empty line as an empty text.
    """
    lines = [row["text"] or " \n" for row in rows]
    is_blank = [True, *(not line.strip() for line in lines), True]
    starts = [
        number
        for number, line in enumerate(lines)
        if HEADING.fullmatch(line) and is_blank[number] and is_blank[number + 2]
    ]
    bounds = [0, *starts[1:], len(lines)]
    for start, end in itertools.pairwise(bounds):
        name = next((line.strip(" =\n") for line in lines[start:end] if line.strip()), "")
        yield {"name": name, "text": "".join(lines[start:end])}
