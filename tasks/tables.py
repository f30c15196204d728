"""GLUE's tab-separated files: no quoting, so a quotation mark is a character like any other."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.api.example import Example
from harness.api.task import Row
from harness.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Table:
    """The columns of a task's official files.

    ``texts`` maps the hub's columns to the files'; ``labels`` maps our labels, in the hub's order, to the word that
    stands for each in the files and in a submission, and is empty where the answer is a number from 0 to 5.
    ``headless`` are the columns of files that begin without a header. So many as ``malformed`` lines with a wrong
    number of columns are passed over. ``tags`` are the columns that name what a row is about, several things parted by
    semicolons.
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

    def rows(self, path: Path) -> Iterator[dict[str, Any]]:
        """Yield the rows of an official file, with the hub's columns; the label is -1 in a file that has none.

        Raises:
            DataError: not UTF-8, a column that is missing, a line of another width than the first, or a bad label.
        """
        lines = _text(path).rstrip("\n").split("\n")  # not splitlines(): U+2028 and its like occur within sentences
        header = tuple(lines[0].split("\t"))
        first = 2
        if self.headless and not set(self.texts.values()) <= set(header):
            header, first = self.headless, 1
        if missing := [column for column in (*self.texts.values(), *self.tags) if column not in header]:
            raise DataError(f"{path}, line 1: found the columns {list(header)}, expected {missing} among them.")
        texts = {name: header.index(column) for name, column in self.texts.items()}
        label = header.index(self.label_column) if self.label_column in header else None
        passed_over = 0
        for number, line in enumerate(lines[first - 1 :], first):
            cells = line.split("\t")
            if len(cells) != len(header):
                passed_over += 1
                if passed_over > self.malformed:
                    raise DataError(f"{path}, line {number}: found {len(cells)} columns, expected {len(header)}.")
                continue
            row: dict[str, Any] = {name: cells[column] for name, column in texts.items()}
            if self.tags:
                row["tags"] = list(self._named(dict(zip(header, cells, strict=True))))
            yield {**row, "label": -1 if label is None else self._label(cells[label], f"{path}, line {number}")}

    def _named(self, cells: Mapping[str, str]) -> Iterator[str]:
        for column in self.tags:
            names = [name.strip() for name in cells[column].split(";")]
            yield from (f"{column}: {name}" for name in names if name)

    def _label(self, word: str, where: str) -> int | float:
        words = list(self.labels.values())
        if words and word in words:
            return words.index(word)
        if words:
            raise DataError(f"{where}: found the label {word!r}, expected {' or '.join(words)}.")
        try:
            number = float(word)
        except ValueError:
            number = math.nan
        if not 0 <= number <= 5:
            raise DataError(f"{where}: found the score {word!r}, expected a number from 0 to 5.")
        return number


def _text(path: Path) -> str:
    """Return a file's text, any byte-order mark taken off and line ends made ``\\n``."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found = error.object[error.start : error.start + 1]
        raise DataError(f"{path}, line {line}: found the byte {found!r}, expected UTF-8 text.") from error
    return text.replace("\r\n", "\n")
