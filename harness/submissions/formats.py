"""Files of predictions, as the GLUE site and the SQuAD scripts take them: their formats, writers, and strict readers.

A reader takes a whole and faultless file or raises :class:`~harness.errors.SubmissionError`; it mends nothing.
"""

import codecs
import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.api.example import Prediction
from harness.api.submission import TableFormat
from harness.errors import SubmissionError

TABLE_HEADER = "index\tprediction"

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def encode_table(predictions: Sequence[Prediction], table_format: TableFormat, where: str) -> bytes:
    """Return the table of these predictions, in their order, as bytes; ``where`` says what they are in an error.

    Raises:
        SubmissionError: a prediction that is none of the labels, or no finite number.
    """
    lines = [TABLE_HEADER]
    for index, prediction in enumerate(predictions):
        value: Any = prediction.value
        words = table_format.words
        if words and value not in range(len(words)):
            raise SubmissionError(
                f"{where}, prediction {index}: found {value!r}, expected a label, 0 to {len(words) - 1}."
            )
        if not words and (isinstance(value, str) or not math.isfinite(value)):
            raise SubmissionError(f"{where}, prediction {index}: found {value!r}, expected a finite number.")
        kept: Any = table_format.kept(prediction).value
        lines.append(f"{index}\t{words[kept] if words else format(kept, f'.{table_format.decimals}f')}")
    return ("\n".join(lines) + "\n").encode()


def parse_table(lines: Sequence[str], table_format: TableFormat, num_rows: int, where: str) -> list[Prediction]:
    """Return the predictions of a table that has each of the rows 0 to ``num_rows - 1`` once, in their order.

    ``where`` is the table's name in an error.

    Raises:
        SubmissionError: another header, or a row that is missing, double, too many, or not of the format.
    """
    header, *rows = lines
    if header != TABLE_HEADER:
        raise SubmissionError(f"{where}, line 1: found {header[:80]!r}, expected the header {TABLE_HEADER!r}.")
    indices = {str(index): index for index in range(num_rows)}
    found: dict[int, Prediction] = {}
    for number, row in enumerate(rows, 2):
        position, cells = f"{where}, line {number}", row.split("\t")
        if len(cells) != 2:
            raise SubmissionError(f"{position}: found {row[:80]!r}, expected an index, a tab and a prediction.")
        index = indices.get(cells[0])
        if index is None:
            raise SubmissionError(f"{position}: found index {cells[0][:80]!r}, expected 0 to {num_rows - 1}.")
        if index in found:
            raise SubmissionError(f"{position}: found index {index} again, expected each once.")
        found[index] = Prediction(value=_value(cells[1], table_format, position))
    if missing := sorted(set(range(num_rows)) - set(found)):
        raise SubmissionError(
            f"{where}: found {len(found)} of {num_rows} rows, expected all; the first missing index is {missing[0]}."
        )
    return [found[index] for index in range(num_rows)]


def table_lines(content: bytes, where: str) -> list[str]:
    """Return the lines of a table, the header first; one line end after the last is no line more."""
    lines = _text(content, where).replace("\r\n", "\n").removesuffix("\n")
    return lines.split("\n")  # not splitlines(), for which there are ten kinds of line end


def encode_object(members: Mapping[str, object], where: str) -> bytes:
    """Return a JSON object in plain ASCII, by question id, as :func:`read_answers` and its like read it.

    Raises:
        SubmissionError: a number that is not finite.
    """
    for name, value in members.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise SubmissionError(f"{where}, question {name!r}: found {value!r}, expected a finite number.")
    return (json.dumps(members, indent=0) + "\n").encode()


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
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
            found = json.dumps(value)[:80]
            raise SubmissionError(f"{path}, question {name!r}: found {found}, expected a finite number.")
    return {name: float(value) for name, value in probabilities.items()}


def _value(cell: str, table_format: TableFormat, where: str) -> int | float:
    words, (low, high) = table_format.words, table_format.bounds
    if words and cell in words:
        return words.index(cell)
    if words:
        raise SubmissionError(f"{where}: found the label {cell[:80]!r}, expected {' or '.join(words)}.")
    if not _NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
        raise SubmissionError(f"{where}: found {cell[:80]!r}, expected a number.")
    if not low <= float(cell) <= high:
        raise SubmissionError(f"{where}: found {cell[:80]!r}, expected a number from {low:g} to {high:g}.")
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
        content = json.loads(_text(read_bytes(path), str(path)), object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise SubmissionError(
            f"{path}, line {error.lineno}, column {error.colno}: found no JSON ({error.msg}), "
            "expected one object from question id to answer."
        ) from error
    except (ValueError, RecursionError) as error:
        raise SubmissionError(f"{path}: found JSON beyond all measure ({error}).") from error
    if not isinstance(content, dict):
        raise SubmissionError(f"{path}: found a {type(content).__name__}, expected a JSON object with question ids.")
    return content


def read_bytes(path: Path) -> bytes:
    """Return a file's content.

    Raises:
        SubmissionError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise SubmissionError(f"{path}: cannot be read: {error.strerror}.") from error


def _text(content: bytes, where: str) -> str:
    if content.startswith(codecs.BOM_UTF8):
        raise SubmissionError(f"{where}, line 1: found a byte-order mark, expected UTF-8 without one.")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SubmissionError(f"{where}, line {line}: found bytes that are not text, expected UTF-8.") from error
