"""The files of GLUE's folders that take more than a table: MRPC as Microsoft has it, and AX, which may come twice."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from harness.api.data import FolderData
from harness.errors import DataError
from tasks.tables import Table, read_lines

Rows = Iterable[dict[str, Any]]
MICROSOFTS_FILES = {
    "train": "msr_paraphrase_train.txt",
    "validation": "dev_ids.tsv",
    "test": "msr_paraphrase_test.txt",
}
"""What MRPC comes as: GLUE's validation set are the pairs of the first file whose ids the second one holds."""
AX_FILES = ("diagnostic/diagnostic.tsv", "diagnostic/diagnostic-full.tsv")


def folder_of(files: Mapping[str, str | tuple[str, ...]], read: Callable[..., Rows]) -> FolderData:
    """Return the files of a task as they lie in GLUE's download."""
    return FolderData(files=files, read=partial(_read, read), child=("glue", "glue_data"))


def _read(read: Callable[..., Rows], path: Path) -> Rows:
    """Return the rows of an official file, which may lack labels where its name says that it is of no scored split."""
    return read(path, may_lack_labels=path.name.casefold().startswith(("test", "msr_paraphrase_test", "diagnostic")))


MRPC_TABLE = Table(
    texts={"sentence1": "#1 String", "sentence2": "#2 String"},
    labels={"not_equivalent": "0", "equivalent": "1"},
    label_column="Quality",
)


def read_mrpc(path: Path, *, may_lack_labels: bool) -> Rows:
    """Yield the rows of an official file of GLUE, or of Microsoft's files the part that GLUE has in its place.

    Raises:
        DataError: as :meth:`Table.rows`, or one of the two files that the pairs to train on come from is not there.
    """
    train, validation = (path.with_name(MICROSOFTS_FILES[split]) for split in ("train", "validation"))
    if path not in {train, validation}:
        yield from MRPC_TABLE.rows(path, may_lack_labels=may_lack_labels)
        return
    for needed in (train, validation):
        if not needed.is_file():
            raise DataError(
                f"{path}: found no {needed.name} beside it, expected both, or GLUE's train.tsv and dev.tsv."
            )
    with_ids = replace(MRPC_TABLE, texts={**MRPC_TABLE.texts, "first": "#1 ID", "second": "#2 ID"})
    pairs = [((row.pop("first"), row.pop("second")), row) for row in with_ids.rows(train)]
    known, held_out = {ids for ids, _ in pairs}, [tuple(line.split("\t")) for line in read_lines(validation)]
    if strange := [number for number, ids in enumerate(held_out, 1) if ids not in known]:
        raise DataError(f"{validation}, line {strange[0]}: found no two ids of a pair in {train.name}, expected them.")
    held = set(held_out)
    yield from (row for ids, row in pairs if (ids in held) == (path == validation))


MNLI_TABLE = Table(
    texts={"premise": "sentence1", "hypothesis": "sentence2"},
    labels={label: label for label in ("entailment", "neutral", "contradiction")},
    label_column="gold_label",
)
_AX_TABLE = replace(
    MNLI_TABLE,
    texts={"premise": "Premise", "hypothesis": "Hypothesis"},
    label_column="Label",
    tags=("Lexical Semantics", "Predicate-Argument Structure", "Logic", "Knowledge", "Domain"),
)


def read_mnli(path: Path, *, may_lack_labels: bool) -> Rows:
    """Return the rows of an official file; AX's with labels and phenomena where ``diagnostic-full.tsv`` is there.

    Raises:
        DataError: as :meth:`Table.rows`, or the two files of AX do not have the same questions.
    """
    full = path.with_name(Path(AX_FILES[1]).name)
    if path.name not in {Path(name).name for name in AX_FILES} or not full.is_file():
        return MNLI_TABLE.rows(path, may_lack_labels=may_lack_labels)
    labelled = list(_AX_TABLE.rows(full))
    if path == full:
        return labelled
    questions = [{text: row[text] for text in _AX_TABLE.texts} for row in MNLI_TABLE.rows(path, may_lack_labels=True)]
    for number, (question, row) in enumerate(zip_longest(questions, labelled), 2):
        if not question or not row or any(text.split() != row[column].split() for column, text in question.items()):
            raise DataError(
                f"{full}, line {number}: found another question than in {path.name}, expected the same questions in "
                "the same order. One of the two files is enough: take the other away."
            )
    return [{**row, **question} for row, question in zip(labelled, questions, strict=True)]
