from pathlib import Path

import pytest

from harness.data.loading import load
from harness.data.source import Source
from harness.errors import DataError
from tasks import glue

HEADER = "\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n"
PAIRS = "1\t7\t8\tThe mill.\tA mill.\r\n0\t7\t9\tThe mill.\tA duck.\r\n1\t8\t7\tA mill.\tThe mill.\r\n"


def microsofts(root: Path, dev_ids: str = "7\t9\r\n") -> Source:
    (root / "MRPC").mkdir()
    contents = {"msr_paraphrase_train.txt": HEADER + PAIRS, "dev_ids.tsv": dev_ids, "msr_paraphrase_test.txt": HEADER}
    for name, content in contents.items():
        (root / "MRPC" / name).write_bytes(content.encode())
    (root / "MRPC/msr_paraphrase_test.txt").write_bytes((HEADER + "0\t1\t2\tA duck.\tA hen.\r\n").encode())
    return Source(kind="folder", root=root)


def test_mrpc_is_read_from_the_files_that_glues_script_starts_from(tmp_path: Path) -> None:
    data = load(glue.MRPC, microsofts(tmp_path))
    assert [(e.id, e.text, e.pair, e.target) for e in data.train] == [
        ("0", "The mill.", "A mill.", 1),
        ("1", "A mill.", "The mill.", 1),
    ]
    assert [(e.pair, e.target) for e in data.scored["validation"]] == [("A duck.", 0)]
    assert [(e.text, e.pair) for e in data.predicted["test"]] == [("A duck.", "A hen.")]


def test_glues_own_files_go_first(tmp_path: Path) -> None:
    source = microsofts(tmp_path)
    for name in ("train", "dev"):
        (tmp_path / f"MRPC/{name}.tsv").write_text("Quality\t#1 String\t#2 String\n0\ta\tb\n")
    data = load(glue.MRPC, source)
    assert [e.text for e in [*data.train, *data.scored["validation"]]] == ["a", "a"]


@pytest.mark.parametrize("dev_ids", ["7\t9\n9\t7\n", "7\n", "7\t9\n\n7\t8\n"])
def test_ids_of_no_pair_are_refused(tmp_path: Path, dev_ids: str) -> None:
    with pytest.raises(DataError, match=r"dev_ids\.tsv, line [12]: found no two ids of a pair in msr_paraphrase_train"):
        load(glue.MRPC, microsofts(tmp_path, dev_ids))


def test_half_of_microsofts_files_is_refused(tmp_path: Path) -> None:
    source = microsofts(tmp_path)
    (tmp_path / "MRPC/dev.tsv").write_text("Quality\t#1 String\t#2 String\n0\ta\tb\n")
    (tmp_path / "MRPC/dev_ids.tsv").unlink()
    with pytest.raises(DataError, match=r"msr_paraphrase_train\.txt: found no dev_ids\.tsv beside it"):
        load(glue.MRPC, source)


def test_qqps_malformed_lines_are_counted(tmp_path: Path) -> None:
    (tmp_path / "QQP").mkdir()
    text = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t1\t2\tWho?\tWhat?\t0\n5\t6\t7\thalf of a\nquestion\n"
    for name in ("train", "dev"):
        (tmp_path / f"QQP/{name}.tsv").write_text(text)
    data = load(glue.QQP, Source(kind="folder", root=tmp_path))
    assert len(data.train) == 1
    assert data.left_out == {"train": {"a malformed line": 2}, "validation": {"a malformed line": 2}}
