"""GLUE (Wang et al. 2019): its nine tasks, and the diagnostic set AX as a split that the MNLI model answers.

Rows have the hub's columns whatever the source. Where AX's labels and phenomena are at hand, in a folder's
``diagnostic-full.tsv`` and in the sample, its rows have those too: its questions are the same without, and it is only
answered, so no answer and no fingerprint changes with them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from harness.api.data import HubData, SampleData
from harness.api.metric import Metric
from harness.api.output import Classification, Regression
from harness.api.submission import TableFormat
from harness.api.task import Suite, Task
from harness.metrics.glue import ACCURACY, F1, MATTHEWS, PEARSON, SPEARMAN
from tasks import sample
from tasks.glue_files import AX_FILES, MICROSOFTS_FILES, MNLI_TABLE, MRPC_TABLE, Rows, folder_of, read_mnli, read_mrpc
from tasks.glue_prompts import PROMPTS
from tasks.tables import Table, is_malformed

HUB = "nyu-mll/glue"
REVISION = "bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c"


@dataclass(frozen=True, kw_only=True)
class _Split:
    """Where one split lies: the hub's config and split (the sample's too), the official file, the file of predictions.

    The site takes answers to test splits; those to validation splits, in files of the same names, can be scored here.
    """

    hub: tuple[str, str]
    file: str | tuple[str, ...]
    answers: str = ""


def _generate(splits: Mapping[str, _Split], split: str, seed: int) -> list[dict[str, Any]]:
    return sample.diagnostic_rows(seed) if split == "ax" else sample.rows(*splits[split].hub, seed)


def _usual_splits(name: str, folder: str) -> dict[str, _Split]:
    return {
        "train": _Split(hub=(name, "train"), file=f"{folder}/train.tsv"),
        "validation": _Split(hub=(name, "validation"), file=f"{folder}/dev.tsv", answers=f"{folder}.tsv"),
        "test": _Split(hub=(name, "test"), file=f"{folder}/test.tsv", answers=f"{folder}.tsv"),
    }


_MRPC_SPLITS = {
    split: replace(at, file=(str(at.file), f"MRPC/{MICROSOFTS_FILES[split]}"))
    for split, at in _usual_splits("mrpc", "MRPC").items()
}
_MNLI_SPLITS = {
    "train": _Split(hub=("mnli", "train"), file="MNLI/train.tsv"),
    "validation_matched": _Split(hub=("mnli", "validation_matched"), file="MNLI/dev_matched.tsv", answers="MNLI-m.tsv"),
    "validation_mismatched": _Split(
        hub=("mnli", "validation_mismatched"), file="MNLI/dev_mismatched.tsv", answers="MNLI-mm.tsv"
    ),
    "test_matched": _Split(hub=("mnli", "test_matched"), file="MNLI/test_matched.tsv", answers="MNLI-m.tsv"),
    "test_mismatched": _Split(hub=("mnli", "test_mismatched"), file="MNLI/test_mismatched.tsv", answers="MNLI-mm.tsv"),
    "ax": _Split(hub=("ax", "test"), file=AX_FILES, answers="AX.tsv"),
}


FROM_MNLI = ("mrpc", "stsb", "rte")
"""Those whose published scores are often of trainings that began with the encoder of MNLI's, the first by Liu et al.
(2019, RoBERTa, section 5.1)."""


def _task(
    name: str,
    title: str,
    table: Table,
    metrics: tuple[Metric, ...],
    *,
    citation: str,
    licence: str,
    read: Callable[..., Rows] | None = None,
) -> Task:
    """Return a GLUE task. ``title`` is its official name, that of its folder and of its file of predictions too.

    ``read`` reads its files; by default as ``table`` says.
    """
    splits = {"mnli": _MNLI_SPLITS, "mrpc": _MRPC_SPLITS}.get(name) or _usual_splits(name, title)
    answers = {split: at.answers for split, at in splits.items() if at.answers}
    scored = tuple(split for split in splits if split.startswith("validation"))
    return Task(
        name=name,
        title=title,
        output=Classification(labels=tuple(table.labels)) if table.labels else Regression(low=0.0, high=5.0),
        read=table.example,
        metrics=metrics,
        hub=HubData(name=HUB, revision=REVISION, splits={split: at.hub for split, at in splits.items()}),
        folder=folder_of({split: at.file for split, at in splits.items()}, read or table.rows),
        sample=SampleData(splits=tuple(splits), generate=partial(_generate, splits), version=sample.VERSION),
        starts_from=("mnli",) if name in FROM_MNLI else (),
        scored=scored,
        predicted=tuple(split for split in answers if split not in scored),
        submission=TableFormat(
            files=answers,
            words=tuple(table.labels.values()),
            bounds=(0.0, 5.0),  # of numbers: STS-B
            split_metrics={"ax": (MATTHEWS,)} if "ax" in splits else {},
        ),
        prompts=PROMPTS[name],
        citation=f"{citation}; in GLUE (Wang et al. 2019)",
        licence=licence,
    )


COLA = _task(
    "cola",
    "CoLA",
    Table(
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
    Table(texts={"sentence": "sentence"}, labels={"negative": "0", "positive": "1"}),
    (ACCURACY,),
    citation="Socher et al. 2013, Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank",
    licence="not stated",
)

MRPC = _task(
    "mrpc",
    "MRPC",
    MRPC_TABLE,
    (F1, ACCURACY),
    read=read_mrpc,
    citation="Dolan and Brockett 2005, Automatically Constructing a Corpus of Sentential Paraphrases",
    licence="Microsoft Research's own terms",
)

STSB = _task(
    "stsb",
    "STS-B",
    Table(texts={"sentence1": "sentence1", "sentence2": "sentence2"}, label_column="score"),
    (PEARSON, SPEARMAN),
    citation="Cer et al. 2017, SemEval-2017 Task 1",
    licence="scores CC BY-SA 4.0; each of the texts' sources has its own terms",
)

QQP = replace(
    _task(
        "qqp",
        "QQP",
        Table(
            texts={"question1": "question1", "question2": "question2"},
            labels={"not_duplicate": "0", "duplicate": "1"},
            label_column="is_duplicate",
            malformed=10,  # the official files have a few; GLUE's own readers and the hub's copy leave them out too
        ),
        (F1, ACCURACY),
        citation="Iyer, Dandekar and Csernai 2017, First Quora Dataset Release: Question Pairs",
        licence="Quora's terms of service, non-commercial",
    ),
    leaves_out={"a malformed line": is_malformed},
)

MNLI = _task(
    "mnli",
    "MNLI",
    MNLI_TABLE,
    (ACCURACY,),
    read=read_mnli,
    citation="Williams, Nangia and Bowman 2018, A Broad-Coverage Challenge Corpus for Sentence Understanding",
    licence="OANC, CC BY 3.0 and CC BY-SA 3.0, by source",
)

QNLI = _task(
    "qnli",
    "QNLI",
    Table(
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
    Table(
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
    Table(
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
