"""Language modelling's tasks: where their documents come from, and that a lone file is enough."""

from pathlib import Path

import pytest

from harness.data.loading import load
from harness.data.source import Source, open_source
from harness.errors import DataError
from harness.testing.tasks import check_task
from tasks.language_modelling import LM, LM_PLL, TEXT, TEXT_PLL, WIKITEXT_2, WIKITEXT_2_PLL

ALL = (WIKITEXT_2, TEXT, WIKITEXT_2_PLL, TEXT_PLL)


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.name)
def test_they_conform(task: object) -> None:
    check_task(task)  # type: ignore[arg-type]


def test_exact_probabilities_and_pseudo_ones_share_no_suite() -> None:
    assert not set(LM.tasks) & set(LM_PLL.tasks)


def test_a_folder_of_text_files(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("second\n")
    (tmp_path / "a.txt").write_text("first\n")
    (tmp_path / "train.txt").write_text("learnt\n")
    (tmp_path / "valid.txt").write_text("neither\n")
    data = load(TEXT, open_source(str(tmp_path)))
    assert [example.text for example in data.scored["test"]] == ["first\n", "second\n"]
    assert [example.id for example in data.scored["test"]] == ["0 a.txt", "1 b.txt"]
    assert [example.text for example in data.train] == ["learnt\n"]


def test_a_lone_file_is_the_test_split(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("one document\n")
    source = open_source(str(file))
    assert source.note == "the file notes.md"
    data = load(TEXT, source)
    assert data.train == []
    assert data.num_examples == {"test": 1}
    assert source.reason_absent(WIKITEXT_2).endswith("found the file notes.md")


def test_a_files_content_is_the_fingerprint(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("same\n")
    source = Source(kind="folder", root=tmp_path)
    before = source.fingerprint(TEXT)
    (tmp_path / "c.txt").write_text("more\n")
    assert source.fingerprint(TEXT) != before


def test_wikitext_as_it_was_published(tmp_path: Path) -> None:
    (tmp_path / "wiki.test.tokens").write_text(" \n = One = \n \n Text of it . \n \n = Two = \n \n More . \n")
    data = load(WIKITEXT_2, open_source(str(tmp_path)))
    assert [example.id for example in data.scored["test"]] == ["0 One", "1 Two"]


def test_undecodable_bytes_are_found_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "test.txt").write_bytes(b"a\nb\xff\n")
    with pytest.raises(DataError, match=r"test\.txt, line 2 \(byte 3 of the file\)"):
        load(TEXT, open_source(str(tmp_path)))
