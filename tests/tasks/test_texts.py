"""Documents of text files: how they are parted, and what is wrong with a file that cannot be read."""

from pathlib import Path

import pytest

from harness.errors import DataError
from tasks.texts import gather_articles, read_articles, read_documents, read_text

FIRST = " \n = First = \n \n Some text . \n = = A section = = \n \n Text \n = no heading = \n"
ARTICLES = f"{FIRST}\n = Second one = \n \n More . \n"


def test_articles_are_the_file(tmp_path: Path) -> None:
    file = tmp_path / "wiki.test.tokens"
    file.write_text(ARTICLES)
    found = list(read_articles(file))
    assert [row["name"] for row in found] == ["First", "Second one"]
    assert "".join(row["text"] for row in found) == ARTICLES


def test_the_hubs_lines_are_the_same_articles() -> None:
    lines = [{"text": "" if line == " \n" else line} for line in ARTICLES.splitlines(keepends=True)]
    assert [row["name"] for row in gather_articles(lines)] == ["First", "Second one"]
    (only,) = gather_articles([{"text": "no heading at all \n"}])
    assert only == {"name": "no heading at all", "text": "no heading at all \n"}


def test_a_file_is_a_document_or_is_parted_by_a_mark(tmp_path: Path) -> None:
    file = tmp_path / "book.txt"
    file.write_bytes(b"\xef\xbb\xbfone\r\ntwo\n")
    assert list(read_documents(file)) == [{"name": "book.txt", "text": "one\ntwo\n"}]
    file.write_text("one\n<|endoftext|>\ntwo <|endoftext|> still\n<|endoftext|>\n")
    assert [row["text"] for row in read_documents(file)] == ["one\n", "two <|endoftext|> still\n"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"", "is empty"), (b"\n \n", "is empty"), (b"fine\nB\xe4r", r"line 2 \(byte 6 of the file\): 0xe4 is no UTF-8")],
)
def test_what_is_no_text(content: bytes, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.txt"
    file.write_bytes(content)
    with pytest.raises(DataError, match=expected) as error:
        read_text(file)
    assert str(file) in str(error.value)
