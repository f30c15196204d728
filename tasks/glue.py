"""GLUE (Wang et al. 2019): its nine tasks, and the diagnostic set AX as a split that the MNLI model answers.

Rows have the hub's columns whatever the source. The official files are tab-separated without quoting: a quotation
mark is a character like any other.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from harness.data import FolderData, HubData, SampleData
from harness.errors import DataError
from harness.examples import Example
from harness.metrics import ACCURACY, F1, MATTHEWS, PEARSON, SPEARMAN, Metric
from harness.outputs import Classification, Regression
from harness.submissions import TableFormat
from harness.task import Row, Suite, Task
from tasks import sample

HUB = "nyu-mll/glue"
REVISION = "bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c"


@dataclass(frozen=True, kw_only=True)
class _Split:
    """Where one split lies: the hub's config and split (the sample's too), the official file, the file of answers."""

    hub: tuple[str, str]
    file: str
    answers: str = ""


@dataclass(frozen=True, kw_only=True)
class _Table:
    """The columns of a task's official files.

    ``texts`` maps the hub's columns to the files'; ``labels`` maps our labels, in the hub's order, to the word that
    stands for each in the files and in a submission, and is empty where the answer is a number from 0 to 5.
    ``headless`` are the columns of files that begin without a header. So many as ``malformed`` lines with a wrong
    number of columns are passed over.
    """

    texts: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    label_column: str = "label"
    headless: tuple[str, ...] = ()
    malformed: int = 0

    def example(self, row: Row) -> Example:
        """Return a row as an example; a label of -1 is an unknown one."""
        text, *pair = (row[column] for column in self.texts)
        target = row["label"]
        if target is not None and not self.labels:
            target = round(float(target), 3)  # the hub keeps 3.8 as a 32-bit 3.7999999
        return Example(
            id=str(row["idx"]), text=text, pair=pair[0] if pair else None, target=None if target == -1 else target
        )

    def rows(self, path: Path) -> Iterator[dict[str, Any]]:
        """Yield the rows of an official file, with the hub's columns; the label is -1 in a file that has none.

        Raises:
            DataError: not UTF-8, a column that is missing, a line of another width than the first, or a bad label.
        """
        lines = _text(path).rstrip("\n").split("\n")  # not splitlines(): U+2028 and its like occur within sentences
        header = tuple(lines[0].split("\t"))
        first = 2
        if self.headless and not set(self.texts.values()) <= set(header):
            header, first = self.headless, 1
        if missing := [column for column in self.texts.values() if column not in header]:
            raise DataError(f"{path}, line 1: found the columns {list(header)}, expected {missing} among them.")
        texts = {name: header.index(column) for name, column in self.texts.items()}
        label = header.index(self.label_column) if self.label_column in header else None
        passed_over = 0
        for number, line in enumerate(lines[first - 1 :], first):
            cells = line.split("\t")
            if len(cells) != len(header):
                passed_over += 1
                if passed_over > self.malformed:
                    raise DataError(f"{path}, line {number}: found {len(cells)} columns, expected {len(header)}.")
                continue
            row: dict[str, Any] = {name: cells[column] for name, column in texts.items()}
            yield {**row, "label": -1 if label is None else self._label(cells[label], f"{path}, line {number}")}

    def _label(self, word: str, where: str) -> int | float:
        words = list(self.labels.values())
        if words and word in words:
            return words.index(word)
        if words:
            raise DataError(f"{where}: found the label {word!r}, expected {' or '.join(words)}.")
        try:
            number = float(word)
        except ValueError:
            number = math.nan
        if not 0 <= number <= 5:
            raise DataError(f"{where}: found the score {word!r}, expected a number from 0 to 5.")
        return number


def _text(path: Path) -> str:
    """Return a file's text, any byte-order mark taken off and line ends made ``\\n``."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found = error.object[error.start : error.start + 1]
        raise DataError(f"{path}, line {line}: found the byte {found!r}, expected UTF-8 text.") from error
    return text.replace("\r\n", "\n")


def _generate(splits: Mapping[str, _Split], split: str, seed: int) -> list[dict[str, Any]]:
    return sample.rows(*splits[split].hub, seed)


def _usual_splits(name: str, folder: str) -> dict[str, _Split]:
    return {
        "train": _Split(hub=(name, "train"), file=f"{folder}/train.tsv"),
        "validation": _Split(hub=(name, "validation"), file=f"{folder}/dev.tsv"),
        "test": _Split(hub=(name, "test"), file=f"{folder}/test.tsv", answers=f"{folder}.tsv"),
    }


_MNLI_SPLITS = {
    "train": _Split(hub=("mnli", "train"), file="MNLI/train.tsv"),
    "validation_matched": _Split(hub=("mnli", "validation_matched"), file="MNLI/dev_matched.tsv"),
    "validation_mismatched": _Split(hub=("mnli", "validation_mismatched"), file="MNLI/dev_mismatched.tsv"),
    "test_matched": _Split(hub=("mnli", "test_matched"), file="MNLI/test_matched.tsv", answers="MNLI-m.tsv"),
    "test_mismatched": _Split(hub=("mnli", "test_mismatched"), file="MNLI/test_mismatched.tsv", answers="MNLI-mm.tsv"),
    "ax": _Split(hub=("ax", "test"), file="diagnostic/diagnostic.tsv", answers="AX.tsv"),
}


def _task(name: str, title: str, table: _Table, metrics: tuple[Metric, ...], *, citation: str, licence: str) -> Task:
    """Return a GLUE task. ``title`` is its official name, that of its folder and of its file of answers too."""
    splits = _MNLI_SPLITS if name == "mnli" else _usual_splits(name, title)
    answers = {split: at.answers for split, at in splits.items() if at.answers}
    return Task(
        name=name,
        title=title,
        output=Classification(labels=tuple(table.labels)) if table.labels else Regression(low=0.0, high=5.0),
        read=table.example,
        metrics=metrics,
        hub=HubData(name=HUB, revision=REVISION, splits={split: at.hub for split, at in splits.items()}),
        folder=FolderData(files={split: at.file for split, at in splits.items()}, read=table.rows, child="glue"),
        sample=SampleData(splits=tuple(splits), generate=partial(_generate, splits), version=sample.VERSION),
        scored=tuple(split for split in splits if split.startswith("validation")),
        answered=tuple(answers),
        submission=TableFormat(files=answers, words=tuple(table.labels.values())),
        citation=f"{citation}; in GLUE (Wang et al. 2019)",
        licence=licence,
    )


COLA = _task(
    "cola",
    "CoLA",
    _Table(
        texts={"sentence": "sentence"},
        labels={"unacceptable": "0", "acceptable": "1"},
        headless=("source", "label", "mark", "sentence"),
    ),
    (MATTHEWS,),
    citation="Warstadt, Singh and Bowman 2019, Neural Network Acceptability Judgments",
    licence="texts remain with their authors; offered for research as fair use",
)

SST2 = _task(
    "sst2",
    "SST-2",
    _Table(texts={"sentence": "sentence"}, labels={"negative": "0", "positive": "1"}),
    (ACCURACY,),
    citation="Socher et al. 2013, Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank",
    licence="not stated",
)

MRPC = _task(
    "mrpc",
    "MRPC",
    _Table(
        texts={"sentence1": "#1 String", "sentence2": "#2 String"},
        labels={"not_equivalent": "0", "equivalent": "1"},
        label_column="Quality",
    ),
    (F1, ACCURACY),
    citation="Dolan and Brockett 2005, Automatically Constructing a Corpus of Sentential Paraphrases",
    licence="Microsoft Research's own terms",
)

STSB = _task(
    "stsb",
    "STS-B",
    _Table(texts={"sentence1": "sentence1", "sentence2": "sentence2"}, label_column="score"),
    (PEARSON, SPEARMAN),
    citation="Cer et al. 2017, SemEval-2017 Task 1",
    licence="scores CC BY-SA 4.0; each of the texts' sources has its own terms",
)

QQP = _task(
    "qqp",
    "QQP",
    _Table(
        texts={"question1": "question1", "question2": "question2"},
        labels={"not_duplicate": "0", "duplicate": "1"},
        label_column="is_duplicate",
        malformed=10,  # the official files have a few; GLUE's own readers and the hub's copy leave them out too
    ),
    (F1, ACCURACY),
    citation="Iyer, Dandekar and Csernai 2017, First Quora Dataset Release: Question Pairs",
    licence="Quora's terms of service, non-commercial",
)

MNLI = _task(
    "mnli",
    "MNLI",
    _Table(
        texts={"premise": "sentence1", "hypothesis": "sentence2"},
        labels={label: label for label in ("entailment", "neutral", "contradiction")},
        label_column="gold_label",
    ),
    (ACCURACY,),
    citation="Williams, Nangia and Bowman 2018, A Broad-Coverage Challenge Corpus for Sentence Understanding",
    licence="OANC, CC BY 3.0 and CC BY-SA 3.0, by source",
)

QNLI = _task(
    "qnli",
    "QNLI",
    _Table(
        texts={"question": "question", "sentence": "sentence"},
        labels={label: label for label in ("entailment", "not_entailment")},
    ),
    (ACCURACY,),
    citation="Rajpurkar et al. 2016, SQuAD",
    licence="CC BY-SA 4.0",
)

RTE = _task(
    "rte",
    "RTE",
    _Table(
        texts={"sentence1": "sentence1", "sentence2": "sentence2"},
        labels={label: label for label in ("entailment", "not_entailment")},
    ),
    (ACCURACY,),
    citation="Dagan et al. 2006, Bar-Haim et al. 2006, Giampiccolo et al. 2007, Bentivogli et al. 2009",
    licence="not stated",
)

WNLI = _task(
    "wnli",
    "WNLI",
    _Table(
        texts={"sentence1": "sentence1", "sentence2": "sentence2"},
        labels={"not_entailment": "0", "entailment": "1"},
    ),
    (ACCURACY,),
    citation="Levesque, Davis and Morgenstern 2012, The Winograd Schema Challenge",
    licence="CC BY 4.0",
)

GLUE = Suite(
    name="glue",
    title="GLUE",
    tasks=("cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "qnli", "rte", "wnli"),
    score_name="GLUE score (validation)",
)
