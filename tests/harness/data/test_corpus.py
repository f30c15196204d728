"""Which texts `--corpus` names, and a fingerprint that follows them."""

from pathlib import Path

import pytest

from harness.data.corpus import SampleCorpus, open_corpus
from harness.errors import DataError, HarnessError, UsageError

SAMPLE = SampleCorpus(generate=lambda: iter(["one", "two"]), version=1)


def test_a_folder_is_read_in_the_order_of_names_but_for_other_splits(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.tokens", "wiki.test.tokens", "wiki-valid.txt", ".hidden/c.txt", "notes.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"in {name}")
    corpus = open_corpus(str(tmp_path), SAMPLE)
    assert list(corpus.documents()) == ["in a/z.tokens", "in b.txt"]
    assert "wiki-valid.txt, wiki.test.tokens" in corpus.note


def test_the_fingerprint_follows_the_content_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    before = open_corpus(str(path), SAMPLE).fingerprint()
    path.rename(tmp_path / "b.txt")
    assert open_corpus(str(tmp_path), SAMPLE).fingerprint() == before
    (tmp_path / "b.txt").write_text("two")
    assert open_corpus(str(tmp_path), SAMPLE).fingerprint() != before


def test_the_sample() -> None:
    assert list(open_corpus("sample", SAMPLE).documents()) == ["one", "two"]


@pytest.mark.parametrize(
    ("choice", "kind", "said"),
    [("nowhere", UsageError, "no such file or folder"), ("sampel", UsageError, "Did you mean sample"),
     (".", DataError, r"expected files \*\.txt"), ("hub:", UsageError, "expected a data set's name")],
)  # fmt: skip
def test_what_is_no_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, choice: str, kind: type[HarnessError], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind, match=said):
        open_corpus(choice, SAMPLE)


def test_a_compressed_file_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\x1f\x8b\x08\x00and so on")
    with pytest.raises(DataError, match="gzip"):
        open_corpus(str(tmp_path), SAMPLE)
