from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import DataError
from tasks.tables import Table, is_malformed

WORDS = Table(texts={"sentence": "sentence"}, labels={"no": "0", "yes": "1"})
HEADLESS = Table(texts={"sentence": "sentence"}, labels={"no": "0", "yes": "1"}, headless=("id", "label", "sentence"))
TOLERANT = Table(texts={"sentence": "sentence"}, labels={"no": "0", "yes": "1"}, malformed=1)


def rows(path: Path, content: str | bytes, table: Table = WORDS, *, may_lack_labels: bool = False) -> list[dict]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(table.rows(path, may_lack_labels=may_lack_labels))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n", "\n\r", "\r\r\r\n"], ids=repr)
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_of_any_kind_are_line_ends(tmp_path: Path, end: str, last: bool, mark: str) -> None:
    lines = ["sentence\tlabel", "a \u2028 b \x85 c \x0b d\t0", "fine\t1"]
    found = rows(tmp_path / "dev.tsv", mark + end.join(lines) + end * last)
    assert found == [{"sentence": "a \u2028 b \x85 c \x0b d", "label": 0}, {"sentence": "fine", "label": 1}]


def test_a_carriage_return_within_a_sentence_does_not_end_it(tmp_path: Path) -> None:
    assert rows(tmp_path / "dev.tsv", "sentence\tlabel\na\rb\t0\n") == [{"sentence": "a\rb", "label": 0}]


@given(
    st.lists(
        st.tuples(st.text(st.characters(blacklist_characters="\t\r\n\0", codec="utf-8")), st.integers(0, 1)), min_size=1
    )
)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, written: list[tuple[str, int]]) -> None:
    path = tmp_path_factory.getbasetemp() / "table.tsv"
    text = "".join(f"{sentence}\t{label}\r\n" for sentence, label in written)
    assert [(row["sentence"], row["label"]) for row in rows(path, "sentence\tlabel\r\n" + text)] == written


@pytest.mark.parametrize(
    "header",
    ["sentence\tlabel", "Sentence\tLABEL", " sentence \tLabel ", "sentence\tlabel\tLabel", "SENTENCE\tsentence\tlabel"],
)
def test_a_header_matches_without_regard_to_case_where_that_is_unmistakable(tmp_path: Path, header: str) -> None:
    cells = {"sentence": "fine", "label": "1"}
    line = "\t".join(cells.get(name.strip(), cells.get(name.strip().casefold(), "")) for name in header.split("\t"))
    assert rows(tmp_path / "dev.tsv", f"{header}\n{line}\n") == [{"sentence": "fine", "label": 1}]


@pytest.mark.parametrize(
    "header", ["index\tsentence", "sentence\tLabel\tLABEL", "sentence\tlabel\tlabel", "sentence\tgold"]
)
def test_a_file_without_its_label_column_is_refused_with_the_columns_found(tmp_path: Path, header: str) -> None:
    content = header + "\n" + "\t".join("1" for _ in header.split("\t")) + "\n"
    with pytest.raises(DataError, match=r"dev\.tsv, line 1: found the columns \[.*\], expected \['label'\] among them"):
        rows(tmp_path / "dev.tsv", content)
    assert [row["label"] for row in rows(tmp_path / "test.tsv", content, may_lack_labels=True)] == [-1]


def test_a_headless_file_has_a_header_where_it_names_the_text(tmp_path: Path) -> None:
    path = tmp_path / "dev.tsv"
    assert rows(path, "x\t1\tfine\n", HEADLESS) == [{"sentence": "fine", "label": 1}]
    assert rows(path, "Sentence\tLabel\nfine\t1\n", HEADLESS) == [{"sentence": "fine", "label": 1}]
    with pytest.raises(DataError, match=r"expected \['label'\] among them"):
        rows(path, "index\tsentence\n0\tfine\n", HEADLESS)


def test_a_line_that_is_passed_over_is_a_row_of_its_own(tmp_path: Path) -> None:
    found = rows(tmp_path / "train.tsv", "sentence\tlabel\nfine\t1\nhalf\nbad\t0\n", TOLERANT)
    assert [is_malformed(row) for row in found] == [False, True, False]
    with pytest.raises(DataError, match="line 3: found 1 columns, expected 2"):
        rows(tmp_path / "train.tsv", "sentence\tlabel\nhalf\nhalf\n", TOLERANT)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"sentence\tlabel\nfi\0ne\t1\n", "line 2: found a NUL character"),
        ("sentence\tlabel\n".encode("utf-16"), r"line 1: found the byte b'\\xff', expected UTF-8"),
        (b"sentence\tlabel\nfine\t1\n\nbad\t0\n", "line 3: found 1 columns, expected 2"),
        (b"sentence\tlabel\nfine\t" + b"1" * 300 + b"\n", r"line 2: found the label '1{80}', expected 0 or 1"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        rows(tmp_path / "dev.tsv", content)


@pytest.mark.parametrize("word", ["", "-1", "-1.0"])
def test_a_test_file_may_say_that_a_label_is_not_known(tmp_path: Path, word: str) -> None:
    content = f"sentence\tlabel\nfine\t{word}\nbad\t0\n"
    assert [row["label"] for row in rows(tmp_path / "test.tsv", content, may_lack_labels=True)] == [-1, 0]
    with pytest.raises(DataError, match=f"line 2: found the label '{word}', expected 0 or 1"):
        rows(tmp_path / "dev.tsv", content)


def test_tags_are_found_without_regard_to_case_too(tmp_path: Path) -> None:
    table = Table(texts={"sentence": "sentence"}, labels={"no": "0"}, tags=("Logic",))
    (row,) = rows(tmp_path / "full.tsv", "sentence\tlogic\tlabel\nfine\tNegation; Scope\t0\n", table)
    assert row["tags"] == ["Logic: Negation", "Logic: Scope"]
