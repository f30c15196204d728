import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.api.example import Prediction
from harness.api.submission import TableFormat
from harness.errors import SubmissionError
from harness.submissions.formats import (
    encode_object,
    encode_table,
    parse_table,
    read_answers,
    read_bytes,
    read_probabilities,
    table_lines,
)

LABELS = TableFormat(files={"test": "RTE.tsv"}, words=("entailment", "not_entailment"))
NUMBERS = TableFormat(files={"test": "STS-B.tsv"})


@pytest.fixture
def file(tmp_path):
    def write(content: str | bytes):
        path = tmp_path / "answers"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def read_table(path, table_format, num_rows):
    return parse_table(table_lines(read_bytes(path), str(path)), table_format, num_rows, str(path))


def test_a_table_of_labels_is_read_in_the_order_of_the_rows(file):
    path = file("index\tprediction\n1\tentailment\n0\tnot_entailment\n2\tentailment\n")
    assert read_table(path, LABELS, 3) == [Prediction(value=value) for value in (1, 0, 0)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_last_line_may_have_an_end_or_none(file, end):
    lines = ["index\tprediction", "0\t4.25", "1\t-1e-3"]
    for text in (end.join(lines), end.join(lines) + end):
        assert read_table(file(text), NUMBERS, 2) == [Prediction(value=4.25), Prediction(value=-0.001)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: found '', expected the header"),
        ("id\tlabel\n0\tentailment\n1\tentailment", "line 1: found 'id\\tlabel', expected the header"),
        ("index\tprediction\n0\tentailment", "found 1 of 2 rows, expected all; the first missing index is 1"),
        ("index\tprediction\n1\tentailment", "the first missing index is 0"),
        ("index\tprediction\n0\tentailment\n0\tentailment", "line 3: found index 0 again, expected each once"),
        ("index\tprediction\n0\tmaybe\n1\tentailment", "line 2: found the label 'maybe', expected entailment or not_"),
        ("index\tprediction\n0\tentailment\n1\t0", "line 3: found the label '0'"),
        ("index\tprediction\n0\tentailment\n1\tentailment\n2\tentailment", "line 4: found index '2', expected 0 to 1"),
        ("index\tprediction\n00\tentailment", "line 2: found index '00', expected 0 to 1"),
        ("index\tprediction\n-1\tentailment", "line 2: found index '-1'"),
        ("index\tprediction\n0,entailment", "line 2: found '0,entailment', expected an index, a tab and a prediction"),
        ("index\tprediction\n0\tentailment\textra", "line 2: found '0\\tentailment\\textra'"),
        ("index\tprediction\n\n0\tentailment\n1\tentailment", "line 2: found ''"),
        ("index\tprediction\n0\tentailment\n1\tentailment\n\n", "line 4: found ''"),
        (b"index\tprediction\n0\t\xff\n", "line 2: found bytes that are not text, expected UTF-8"),
        ("\ufeffindex\tprediction\n0\tentailment", "line 1: found a byte-order mark, expected UTF-8 without one"),
    ],
)
def test_a_bad_table_is_refused_with_the_place(file, text, reason):
    path = file(text)
    with pytest.raises(SubmissionError, match=re.escape(reason)) as error:
        read_table(path, LABELS, 2)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("cell", ["", "nan", "inf", "1e999", "1_000", " 1", "3,5", "0x1", "٣", "two"])
def test_what_is_no_finite_number_is_refused(file, cell):
    with pytest.raises(SubmissionError, match=r"line 2: found .* expected a number"):
        read_table(file(f"index\tprediction\n0\t{cell}\n"), NUMBERS, 1)


@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5), data=st.data())
def test_numbers_come_back_whatever_the_order(tmp_path_factory, values, data):
    path = tmp_path_factory.getbasetemp() / "numbers.tsv"
    order = data.draw(st.permutations(range(len(values))))
    path.write_text("\n".join(["index\tprediction", *(f"{index}\t{values[index]!r}" for index in order)]))
    assert [prediction.value for prediction in read_table(path, NUMBERS, len(values))] == values


@pytest.mark.parametrize("cell", ["-0.001", "5.0001", "1e300"])
def test_a_number_beyond_the_bounds_is_refused(file, cell):
    with pytest.raises(SubmissionError, match=r"line 2: found '.*', expected a number from 0 to 5\.$"):
        read_table(file(f"index\tprediction\n0\t{cell}\n"), replace(NUMBERS, bounds=(0.0, 5.0)), 1)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=5))
def test_numbers_are_written_as_they_are_kept(values):
    bounded = replace(NUMBERS, bounds=(0.0, 5.0))
    lines = encode_table([Prediction(value=value) for value in values], bounded, "here").decode().splitlines()
    assert lines[0] == "index\tprediction"
    for value, line in zip(values, lines[1:], strict=True):
        kept = bounded.kept(Prediction(value=value)).value
        assert float(line.split("\t")[1]) == kept
        assert abs(kept - min(max(value, 0.0), 5.0)) <= 0.0005000001
        assert re.fullmatch(r"\d\t[0-5]\.\d\d\d", line)
    assert parse_table(lines, bounded, len(values), "here") == [bounded.kept(Prediction(value=v)) for v in values]


@given(st.lists(st.integers(0, 1), min_size=1, max_size=30))
def test_labels_come_back(values):
    predictions = [Prediction(value=value) for value in values]
    content = encode_table(predictions, LABELS, "here")
    assert parse_table(table_lines(content, "here"), LABELS, len(values), "here") == predictions


def test_what_is_no_number_is_not_written():
    with pytest.raises(SubmissionError, match="here, question 'b': found nan, expected a finite number"):
        encode_object({"a": "nan", "b": float("nan")}, "here")


def test_answers_and_probabilities_are_read(file):
    assert read_answers(file('{"a": "", "b": "caf\\u00e9 ü"}')) == {"a": "", "b": "café ü"}
    assert read_probabilities(file('{"a": 1, "b": -0.5}')) == {"a": 1.0, "b": -0.5}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": "b"', "line 1, column 10: found no JSON"),
        ('{"a":\n "b",}', "line 2"),
        ('["a"]', "found a list, expected a JSON object"),
        ('{"a": "b", "a": "c"}', "found 'a' twice, expected each question once"),
        ('{"a": 3}', "question 'a': found 3, expected a text"),
        ('{"a": null}', "question 'a': found null, expected a text"),
        ('{"a": {"text": "b"}}', "question 'a': found {"),
        (b'{"a": "\xff"}', "line 1: found bytes that are not text"),
        ("\ufeff{}", "line 1: found a byte-order mark"),
        ("[" * 100_000, "found JSON beyond all measure"),
        ('{"a": ' + "9" * 5000 + "}", "found JSON beyond all measure"),
    ],
)
def test_bad_answers_are_refused(file, text, reason):
    with pytest.raises(SubmissionError, match=re.escape(reason)):
        read_answers(file(text))


@pytest.mark.parametrize("value", ["0.5", True, None, float("nan"), float("inf"), [0.5], 10**400])
def test_bad_probabilities_are_refused(file, value):
    with pytest.raises(SubmissionError, match=r"question 'a': found .* expected a finite number"):
        read_probabilities(file(json.dumps({"a": value})))


def test_a_file_that_is_not_there_is_said_to_be(tmp_path):
    with pytest.raises(SubmissionError, match="cannot be read: No such file"):
        read_answers(tmp_path / "none.json")
