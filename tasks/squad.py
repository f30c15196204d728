"""SQuAD 1.1 (Rajpurkar et al. 2016) and 2.0 (Rajpurkar, Jia and Liang 2018): a passage, a question, a span of it.

A task's score is its F1. Exact match, and for 2.0 all else that the official script prints, stand beside it: their
mean is a number that nobody publishes, and F1 is the one of the two that does not hang on where annotators cut a span.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from harness.api.data import FolderData, HubData, SampleData
from harness.api.example import Example, Span
from harness.api.output import Extraction
from harness.api.submission import AnswersFormat
from harness.api.task import Row, Suite, Task
from harness.errors import DataError, first_mistake
from harness.metrics.squad import OFFICIAL_V1, OFFICIAL_V2
from tasks import sample


@dataclass(frozen=True)
class _Answer:
    text: str
    answer_start: int


@dataclass(frozen=True)
class _Question:
    id: str
    question: str
    answers: list[_Answer]
    is_impossible: Any = None


@dataclass(frozen=True)
class _Paragraph:
    context: str
    qas: list[_Question]


@dataclass(frozen=True)
class _Article:
    paragraphs: list[_Paragraph]


@dataclass(frozen=True)
class _File:
    """The official JSON layout; what else a file holds (``title``, ``plausible_answers``) is passed over."""

    data: list[_Article]


def read_file(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the questions of an official file, as rows with the hub's columns but for the title, which nobody reads.

    Raises:
        DataError: the file is not UTF-8 JSON in the official layout, or has no answers; says where.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        articles = TypeAdapter(_File).validate_json(path.read_bytes().removeprefix(BOM_UTF8), strict=True).data
    except ValidationError as error:
        raise DataError(
            f"{path}: {first_mistake(error)}; expected SQuAD's JSON: data > paragraphs > qas > answers."
        ) from error
    asked = [(part, question) for article in articles for part in article.paragraphs for question in part.qas]
    _check_labelled(path, [question for _, question in asked])
    for paragraph, question in asked:
        yield {
            "id": question.id,
            "context": paragraph.context,
            "question": question.question,
            "answers": {
                "text": [answer.text for answer in question.answers],
                "answer_start": [answer.answer_start for answer in question.answers],
            },
        }


def _check_labelled(path: Path, questions: Sequence[_Question]) -> None:
    """Raise a :class:`DataError` where a question has no answer because the file does not give it."""
    for question in questions:
        if not question.answers and question.is_impossible is False:
            raise DataError(f"{path}, question {question.id!r}: found no answer, but is_impossible is false.")
    if questions and not any(question.answers or question.is_impossible for question in questions):
        raise DataError(f"{path}: found no answer to any question, expected a file with the accepted answers.")


def _example(row: Row) -> Example:
    answers = zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True)
    return Example(
        id=row["id"],
        text=row["question"],
        pair=row["context"],
        target=tuple(_located(row["context"], text, start) for text, start in answers),
    )


def _located(passage: str, text: str, start: int) -> Span:
    """Return the span where the text stands nearest to ``start``, or at ``start`` itself if it stands nowhere.

    A few published starts point beside their answer, and only the text is ever scored.
    """
    start = max(start, 0)
    places = (passage.rfind(text, 0, start + len(text)), passage.find(text, start))
    return Span(
        text, min((place for place in places if place >= 0), key=lambda place: abs(place - start), default=start)
    )


def _files(version: str) -> FolderData:
    files = {"train": f"train-v{version}.json", "validation": f"dev-v{version}.json"}
    return FolderData(files=files, read=read_file, child="squad")


def _sample(name: str) -> SampleData:
    return SampleData(splits=("train", "validation"), generate=partial(sample.rows, name), version=sample.VERSION)


SQUAD_V1 = Task(
    name="squad",
    title="SQuAD 1.1",
    output=Extraction(unanswerable=False),
    read=_example,
    metrics=(OFFICIAL_V1,),
    hub=HubData(
        name="rajpurkar/squad",
        revision="7b6d24c440a36b6815f21b70d25016731768db1f",
        splits={split: ("plain_text", split) for split in ("train", "validation")},
    ),
    folder=_files("1.1"),
    sample=_sample("squad"),
    predicted=(),
    submission=AnswersFormat(),
    citation="Rajpurkar et al. 2016, SQuAD: 100,000+ Questions for Machine Comprehension of Text",
    licence="CC BY-SA 4.0",
)

SQUAD_V2 = Task(
    name="squad_v2",
    title="SQuAD 2.0",
    output=Extraction(unanswerable=True),
    read=_example,
    metrics=(OFFICIAL_V2,),
    hub=HubData(
        name="rajpurkar/squad_v2",
        revision="3ffb306f725f7d2ce8394bc1873b24868140c412",
        splits={split: ("squad_v2", split) for split in ("train", "validation")},
    ),
    folder=_files("2.0"),
    sample=_sample("squad_v2"),
    predicted=(),
    submission=AnswersFormat(),
    citation="Rajpurkar, Jia and Liang 2018, Know What You Don't Know: Unanswerable Questions for SQuAD",
    licence="CC BY-SA 4.0",
)

SQUAD = Suite(name="squad", title="SQuAD", tasks=("squad", "squad_v2"), score_name="SQuAD mean F1")
