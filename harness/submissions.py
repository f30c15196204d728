"""Files of answers, as the GLUE site and the SQuAD scripts take them: their formats, and strict readers of them.

A reader takes a whole and faultless file or raises :class:`~harness.errors.SubmissionError`; it mends nothing.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import SubmissionError
from harness.examples import Prediction

TABLE_HEADER = "index\tprediction"

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class TableFormat:
    """A tab-separated file a split, header ``index<TAB>prediction``, as the GLUE site asks.

    ``files`` maps a split to its file's name; ``words`` are what is written for each label, in the order of the task's
    labels, or empty for numbers, which are rounded to ``decimals`` places.
    """

    files: Mapping[str, str]
    words: tuple[str, ...] = ()
    decimals: int = 3


@dataclass(frozen=True, kw_only=True)
class AnswersFormat:
    """One JSON object from question id to answer, as the SQuAD scripts ask; ``""`` means no answer."""


SubmissionFormat = TableFormat | AnswersFormat


def read_table(path: Path, table_format: TableFormat, num_rows: int) -> list[Prediction]:
    """Return the predictions of a table that answers each of the rows 0 to ``num_rows - 1`` once, in their order.

    Raises:
        SubmissionError: not UTF-8, another header, or a row that is missing, double, too many, or not of the format.
    """
    header, *rows = table_lines(path)
    if header != TABLE_HEADER:
        raise SubmissionError(f"{path}, line 1: found {header[:80]!r}, expected the header {TABLE_HEADER!r}.")
    indices = {str(index): index for index in range(num_rows)}
    found: dict[int, Prediction] = {}
    for number, row in enumerate(rows, 2):
        where, cells = f"{path}, line {number}", row.split("\t")
        if len(cells) != 2:
            raise SubmissionError(f"{where}: found {row[:80]!r}, expected an index, a tab and a prediction.")
        index = indices.get(cells[0])
        if index is None:
            raise SubmissionError(f"{where}: found index {cells[0][:80]!r}, expected 0 to {num_rows - 1}.")
        if index in found:
            raise SubmissionError(f"{where}: found index {index} again, expected each once.")
        found[index] = Prediction(value=_value(cells[1], table_format, where))
    if missing := sorted(set(range(num_rows)) - set(found)):
        raise SubmissionError(
            f"{path}: found {len(found)} of {num_rows} rows, expected all; the first missing index is {missing[0]}."
        )
    return [found[index] for index in range(num_rows)]


def table_lines(path: Path) -> list[str]:
    """Return the lines of a table, the header first; one line end after the last is no line more."""
    lines = _text(path).replace("\r\n", "\n").removesuffix("\n")
    return lines.split("\n")  # not splitlines(), for which there are ten kinds of line end


def read_answers(path: Path) -> dict[str, str]:
    """Return the answers of a SQuAD ``predictions.json``, by question id.

    Raises:
        SubmissionError: not UTF-8, not JSON, not an object, an id twice, or an answer that is not a text.
    """
    answers = _object(path)
    for name, answer in answers.items():
        if not isinstance(answer, str):
            found = json.dumps(answer)[:80]
            raise SubmissionError(f'{path}, question {name!r}: found {found}, expected a text ("" for no answer).')
    return answers


def read_probabilities(path: Path) -> dict[str, float]:
    """Return the values of a SQuAD 2.0 ``na_prob.json``, by question id.

    They may be any finite numbers that grow with the doubt, as the official script has it; log-odds are usual too.

    Raises:
        SubmissionError: not UTF-8, not JSON, not an object, an id twice, or a value that is not a finite number.
    """
    probabilities = _object(path)
    for name, value in probabilities.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            found = json.dumps(value)[:80]
            raise SubmissionError(f"{path}, question {name!r}: found {found}, expected a finite number.")
    return {name: float(value) for name, value in probabilities.items()}


def _value(cell: str, table_format: TableFormat, where: str) -> int | float:
    words = table_format.words
    if words and cell in words:
        return words.index(cell)
    if words:
        raise SubmissionError(f"{where}: found the label {cell[:80]!r}, expected {' or '.join(words)}.")
    if not _NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
        raise SubmissionError(f"{where}: found {cell[:80]!r}, expected a number.")
    return float(cell)


def _object(path: Path) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            names = [name for name, _ in pairs]
            double = next(name for name in members if names.count(name) > 1)
            raise SubmissionError(f"{path}: found {double!r} twice, expected each question once.")
        return members

    try:
        content = json.loads(_text(path), object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise SubmissionError(
            f"{path}, line {error.lineno}, column {error.colno}: found no JSON ({error.msg}), "
            "expected one object from question id to answer."
        ) from error
    if not isinstance(content, dict):
        raise SubmissionError(f"{path}: found a {type(content).__name__}, expected a JSON object with question ids.")
    return content


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise SubmissionError(f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SubmissionError(f"{path}, line {line}: found bytes that are not text, expected UTF-8.") from error
