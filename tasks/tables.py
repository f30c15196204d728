"""GLUE's tab-separated files: no quoting, so a quotation mark is a character like any other."""

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.api.example import Example
from harness.api.task import Row
from harness.errors import DataError

MALFORMED = "malformed"
"""The one column of a row that stands for a line that is none, and holds the line."""

_UNKNOWN = {"", "-1", "-1.0"}
_LINE_END = re.compile(r"\r*\n\r*")


@dataclass(frozen=True, kw_only=True)
class Table:
    """The columns of a task's official files.

    ``texts`` maps the hub's columns to the files'; ``labels`` maps our labels, in the hub's order, to the word that
    stands for each in the files and in a submission, and is empty where the answer is a number from 0 to 5.
    ``headless`` are the columns of files that begin without a header. So many as ``malformed`` lines with a wrong
    number of columns may be passed over. ``tags`` are the columns that name what a row is about, several things parted
    by semicolons.
    """

    texts: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    label_column: str = "label"
    headless: tuple[str, ...] = ()
    malformed: int = 0
    tags: tuple[str, ...] = ()

    def example(self, row: Row) -> Example:
        """Return a row as an example; a label of -1 is an unknown one."""
        text, *pair = (row[column] for column in self.texts)
        target = row["label"]
        if target is not None and not self.labels:
            target = round(float(target), 3)  # the hub keeps 3.8 as a 32-bit 3.7999999
        return Example(
            id=str(row["idx"]),
            text=text,
            pair=pair[0] if pair else None,
            target=None if target == -1 else target,
            tags=tuple(row.get("tags", ())),
        )

    def rows(self, path: Path, *, may_lack_labels: bool = False) -> Iterator[dict[str, Any]]:
        """Yield the rows of a file, with the hub's columns; the label is -1 where there may be none and is none.

        A line that is passed over is a row too, which :func:`is_malformed` tells.

        Raises:
            DataError: not UTF-8, a column that is missing, a line of another width than the first, or a bad label.
        """
        lines = read_lines(path)
        header, first = tuple(lines[0].split("\t")), 2
        if self.headless and any(_find(header, column) is None for column in self.texts.values()):
            header, first = self.headless, 1
        columns = (*self.texts.values(), *self.tags, self.label_column)
        places = {column: place for column in columns if (place := _find(header, column)) is not None}
        self._check_columns(places, f"{path}, line 1: found the columns {str(list(header))[:300]}", may_lack_labels)
        texts, label = {name: places[column] for name, column in self.texts.items()}, places.get(self.label_column)
        num_malformed, width = 0, len(header)
        for number, line in enumerate(lines[first - 1 :], first):
            cells = line.split("\t")
            if len(cells) != width:
                num_malformed += 1
                if num_malformed > self.malformed:
                    raise DataError(f"{path}, line {number}: found {len(cells)} columns, expected {width}.")
                yield {MALFORMED: line}
                continue
            row: dict[str, Any] = {name: cells[column] for name, column in texts.items()}
            if self.tags:
                row["tags"] = list(self._named({column: cells[places[column]] for column in self.tags}))
            if label is None or (may_lack_labels and cells[label] in _UNKNOWN):
                row["label"] = -1
            else:
                row["label"] = self._label(cells[label], path, number)
            yield row

    def _check_columns(self, places: Collection[str], found: str, may_lack_labels: bool) -> None:
        wanted = [*self.texts.values(), *self.tags, *([] if may_lack_labels else [self.label_column])]
        if missing := [column for column in wanted if column not in places]:
            unlabelled = missing == [self.label_column]
            cure = " Only a test file may be without labels." if unlabelled else ""
            raise DataError(f"{found}, expected {missing} among them, and once.{cure}")

    def _named(self, cells: Mapping[str, str]) -> Iterator[str]:
        for column in self.tags:
            names = [name.strip() for name in cells[column].split(";")]
            yield from (f"{column}: {name}" for name in names if name)

    def _label(self, word: str, path: Path, number: int) -> int | float:
        if self.labels:
            try:
                return self._indices[word]
            except KeyError:
                expected = " or ".join(self._indices)
                raise DataError(f"{path}, line {number}: found the label {word[:80]!r}, expected {expected}.") from None
        try:
            score = float(word)
        except ValueError:
            score = math.nan
        if not 0 <= score <= 5:
            raise DataError(f"{path}, line {number}: found the score {word[:80]!r}, expected a number from 0 to 5.")
        return score

    @cached_property
    def _indices(self) -> dict[str, int]:
        return {word: index for index, word in enumerate(self.labels.values())}


def is_malformed(row: Row) -> bool:
    """Return whether a row stands for a line that is none."""
    return MALFORMED in row


def _find(header: Sequence[str], column: str) -> int | None:
    """Return where a column stands: that of just this name, else the only one that differs in case or space alone."""
    found = [place for place, name in enumerate(header) if name == column]
    found = found or [place for place, name in enumerate(header) if name.strip().casefold() == column.casefold()]
    return found[0] if len(found) == 1 else None


def read_lines(path: Path) -> list[str]:
    """Return a file's lines, any byte-order mark taken off.

    Line ends are ``\\n`` with any ``\\r`` about it, or ``\\r`` in a file that has no ``\\n``; U+2028 and its like occur
    within sentences.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found = error.object[error.start : error.start + 1]
        raise DataError(f"{path}, line {line}: found the byte {found!r}, expected UTF-8 text.") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise DataError(f"{path}, line {line}: found a NUL character, expected text.")
    if "\r" in text:
        text = _LINE_END.sub("\n", text) if "\n" in text else text.replace("\r", "\n")
    return text.rstrip("\r\n").split("\n")
