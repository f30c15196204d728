"""What parts a text into documents, and what is said of one that cannot be read."""

import json
from pathlib import Path

import pytest

from harness.data import documents
from harness.data.documents import divide, read_documents
from harness.errors import DataError


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_blank_lines_part_documents() -> None:
    assert list(divide(lines("\n\none\ntwo\n\n \nthree\n"))) == ["one\ntwo", "three"]


def test_headings_of_articles_part_documents_and_those_of_sections_do_not() -> None:
    text = " \n = Cats = \n \n They sleep . \n \n = = Food = = \n \n Fish . \n \n = Dogs = \n \n They bark . \n"
    cats, dogs = divide(lines(text))
    assert "Food" in cats
    assert dogs.startswith("= Dogs =")


def test_marks_part_documents_and_are_none() -> None:
    assert list(divide(lines("one\n\ntwo\n<|endoftext|>\nthree\n<|endoftext|>\n"))) == ["one\n\ntwo", "three"]


def test_what_has_no_border_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_CHARACTERS", 40)
    found = list(divide(["a line of twenty char\n"] * 10))
    assert "\n".join(found) + "\n" == "a line of twenty char\n" * 10
    assert all(len(part) < 80 for part in found)


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n".join(json.dumps({"text": each}) for each in ("one\n\nstill one", " ", "two")))
    assert list(read_documents(path)) == ["one\n\nstill one", "two"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"text": "a"}\n{"texts": "b"}', "line 2: no 'text'"),
        ('{"text": "a"}\n{"text": 3}', "line 2: no 'text'"),
        ('{"text"', "line 1: no JSON"),
        ("[1]", "line 1: no 'text'"),
    ],
)
def test_a_line_without_a_text_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(content)
    with pytest.raises(DataError, match=said):
        list(read_documents(path))


def test_undecodable_bytes_are_named_by_line_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"one\n\ncaf\xe9\n")
    with pytest.raises(DataError, match=r"corpus\.txt, line 3 \(byte 8 of the file\): 0xe9 is no UTF-8"):
        list(read_documents(path))


def test_ends_of_lines_and_a_byte_order_mark_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n\r\nthree")
    assert list(read_documents(path)) == ["one\ntwo", "three"]
