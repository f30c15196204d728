"""Language modelling: WikiText-2 (Merity et al. 2017), and any text, each exactly and by pseudo-log-likelihood.

WikiText-2 is taken as it was published: in tokens, with ``<unk>`` for rare words, and not made into running text again,
as some tools do before they score it. A document is an article. Every model is given the same text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from harness import (
    LIKELIHOOD,
    PSEUDO_LIKELIHOOD,
    Example,
    FolderData,
    HubData,
    LanguageModelling,
    Row,
    SampleData,
    Suite,
    Task,
)
from tasks.sample import documents
from tasks.texts import gather_articles, read_articles, read_documents

SIZES = {"train": 200, "validation": 40, "test": 40}


def _read(row: Row) -> Example:
    return Example(id=f"{row['idx']} {row['name']}"[:80].strip(), text=row["text"], target=len(row["text"].encode()))


def _articles(split: str, seed: int) -> Iterator[Mapping[str, Any]]:
    random = Random(f"articles {split} {seed}")
    return ({"name": "", "text": documents.article(random)} for _ in range(SIZES[split]))


def _reviews(split: str, seed: int) -> Iterator[Mapping[str, Any]]:
    random = Random(f"reviews {split} {seed}")
    return ({"name": "", "text": documents.review(random)} for _ in range(SIZES[split]))


WIKITEXT_2 = Task(
    name="wikitext-2",
    title="WikiText-2",
    output=LanguageModelling(),
    read=_read,
    metrics=(LIKELIHOOD,),
    hub=HubData(
        name="Salesforce/wikitext",
        revision="b08601e04326c79dfdd32d625aee71d232d685c3",
        splits={split: ("wikitext-2-v1", split) for split in ("train", "validation", "test")},
        gather=gather_articles,
    ),
    folder=FolderData(
        files={"train": "wiki.train.tokens", "validation": "wiki.valid.tokens", "test": "wiki.test.tokens"},
        read=read_articles,
        child=("wikitext-2", "text"),
    ),
    sample=SampleData(splits=tuple(SIZES), generate=_articles, version=1),
    scored=("test",),
    predicted=(),
    citation="Merity et al. 2017, Pointer Sentinel Mixture Models",
    licence="CC BY-SA",
)

TEXT = Task(
    name="text",
    title="Text",
    output=LanguageModelling(),
    read=_read,
    metrics=(LIKELIHOOD,),
    folder=FolderData(
        files={
            "train": "train.txt",
            "validation": ("validation.txt", "valid.txt", "dev.txt"),
            "test": ("test.txt", "*.txt"),
        },
        read=read_documents,
        child="text",
        lone="test",
    ),
    sample=SampleData(splits=tuple(SIZES), generate=_reviews, version=1),
    scored=("test",),
    predicted=(),
)


def _pseudo(task: Task) -> Task:
    return replace(
        task,
        name=f"{task.name}-pll",
        title=f"{task.title} (pseudo-log-likelihood)",
        output=LanguageModelling(pseudo=True),
        metrics=(PSEUDO_LIKELIHOOD,),
    )


WIKITEXT_2_PLL = _pseudo(WIKITEXT_2)
TEXT_PLL = _pseudo(TEXT)

LM = Suite(name="lm", title="Language modelling", tasks=(WIKITEXT_2.name, TEXT.name), score_name="mean bits per byte")
LM_PLL = Suite(
    name="lm-pll",
    title="Language modelling by pseudo-log-likelihood",
    tasks=(WIKITEXT_2_PLL.name, TEXT_PLL.name),
    score_name="mean pseudo bits per byte",
)
