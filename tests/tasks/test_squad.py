import json
import re

import pytest

from harness.api.data import HubData
from harness.api.example import Span
from harness.data.loading import load, read_split
from harness.data.source import Source
from harness.errors import DataError
from tasks.squad import SQUAD, SQUAD_V1, SQUAD_V2, read_file

PASSAGE = "Mills grind. The mill by the river is a red mill."


def document(*answers: list[tuple[str, int]]) -> dict:
    """Return a file of one article, a question for each list of answers."""
    questions = [
        {
            "id": f"q{number}",
            "question": "Which?",
            "answers": [{"text": text, "answer_start": start} for text, start in given],
            "is_impossible": not given,
        }
        for number, given in enumerate(answers)
    ]
    return {"version": "1", "data": [{"title": "Mills", "paragraphs": [{"context": PASSAGE, "qas": questions}]}]}


@pytest.fixture
def folder(tmp_path):
    def write(**files: dict) -> Source:
        for name, content in files.items():
            (tmp_path / f"{name.replace('_', '-v')}.json").write_text(json.dumps(content), encoding="utf-8")
        return Source(kind="folder", root=tmp_path)

    return write


def test_a_folder_of_official_files_is_read(folder):
    answers = [("red mill", 40), ("mill", 44)]
    names = ("train_1.1", "dev_1.1", "dev_2.0")
    source = folder(**{name: document(answers, [("river", 29)]) for name in names})
    data = load(SQUAD_V1, source)
    assert (len(data.train), [*data.scored], data.predicted, data.missing) == (2, ["validation"], {}, ())
    example = data.scored["validation"][0]
    assert (example.id, example.text, example.pair) == ("q0", "Which?", PASSAGE)
    assert example.target == (Span("red mill", 40), Span("mill", 44))
    assert source.splits(SQUAD_V2) == ("validation",)


def test_rows_have_the_hubs_columns(folder):
    source = folder(**{"dev_2.0": document([("mill", 17)], [])})
    first, second = source.rows(SQUAD_V2, "validation")
    assert first == {
        "id": "q0",
        "context": PASSAGE,
        "question": "Which?",
        "answers": {"text": ["mill"], "answer_start": [17]},
    }
    assert second["answers"] == {"text": [], "answer_start": []}


def test_a_question_may_have_no_answer_in_2_only(folder):
    source = folder(**{"dev_2.0": document([]), "dev_1.1": document([])})
    assert read_split(SQUAD_V2, source, "validation")[0].target == ()
    with pytest.raises(
        DataError, match=r"dev-v1\.1\.json, row 1 \(id 'q0'\): found the target \(\), expected at least one span"
    ):
        read_split(SQUAD_V1, source, "validation")


@pytest.mark.parametrize(
    ("text", "start", "found"),
    [
        ("mill", 17, 17),
        ("mill", 18, 17),
        ("mill", 40, 44),
        ("mill", 0, 17),
        ("mill", 900, 44),
        ("mill", -3, 17),
        ("Mills", 3, 0),
    ],
)
def test_an_answer_is_found_nearest_to_where_it_is_said_to_begin(folder, text, start, found):
    source = folder(**{"dev_1.1": document([(text, start)])})
    assert read_split(SQUAD_V1, source, "validation")[0].target == (Span(text, found),)


def without(content: dict, *path: str | int) -> dict:
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return content


QUESTION = ("data", 0, "paragraphs", 0, "qas", 1)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (json.dumps(document([("mill", 17)]))[:-9], "Invalid JSON"),
        ("", "Invalid JSON"),
        ("[]", "object"),
        (json.dumps(without(document([]), "data")), "data: Field required"),
        (json.dumps(without(document([], []), *QUESTION, "id")), "data[0].paragraphs[0].qas[1].id: Field required"),
        (json.dumps(without(document([], []), *QUESTION, "answers")), "data[0].paragraphs[0].qas[1].answers: Field"),
        (json.dumps(document([(3, 4)])), "qas[0].answers[0].text: Input should be a valid string"),
        ("[" * 100_000, "Invalid JSON: recursion limit exceeded"),
        (json.dumps(document([("mill", 17)])).replace("Which?", "\\ud800"), "Invalid JSON"),
        (json.dumps(document([("mill", None)])), "answer_start: Input should be a valid integer"),
        (json.dumps(document([("mill", 17.5)])), "answer_start: Input should be a valid integer"),
        (json.dumps({"data": None}), "data: Input should be a valid"),
        (json.dumps({"data": [None]}), "data[0]: Input should be"),
        (json.dumps(document([("mill", "17")])), "qas[0].answers[0].answer_start: Input should be a valid integer"),
    ],
)
def test_a_malformed_file_is_refused_with_the_place(tmp_path, content, place):
    path = tmp_path / "dev-v2.0.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(place)) as error:
        list(read_file(path))
    assert str(path) in str(error.value)


@pytest.mark.parametrize("title", [None, 3, ["Mills"]])
def test_what_nobody_reads_may_be_anything(folder, title):
    content = document([("mill", 17)])
    content["version"] = content["data"][0]["title"] = title
    content["data"][0]["paragraphs"][0]["qas"][0]["is_impossible"] = "no"
    assert read_split(SQUAD_V1, folder(**{"dev_1.1": content}), "validation")
    assert read_split(SQUAD_V1, folder(**{"dev_1.1": without(content, "data", 0, "title")}), "validation")


def test_a_file_whose_answers_are_hidden_is_refused(folder):
    content = document([("mill", 17)], [])
    hidden = content["data"][0]["paragraphs"][0]["qas"][1]
    hidden["is_impossible"] = False
    with pytest.raises(DataError, match=r"dev-v2\.0\.json, question 'q1': found no answer, but is_impossible is false"):
        read_split(SQUAD_V2, folder(**{"dev_2.0": content}), "validation")
    del hidden["is_impossible"]
    assert [e.target for e in read_split(SQUAD_V2, folder(**{"dev_2.0": content}), "validation")][1] == ()
    content["data"][0]["paragraphs"][0]["qas"] = [hidden]
    with pytest.raises(DataError, match=r"dev-v2\.0\.json: found no answer to any question"):
        read_split(SQUAD_V2, folder(**{"dev_2.0": content}), "validation")


def test_a_byte_order_mark_is_taken_off(tmp_path):
    (tmp_path / "dev-v2.0.json").write_text(json.dumps(document([])), encoding="utf-8-sig")
    assert [row["id"] for row in read_file(tmp_path / "dev-v2.0.json")] == ["q0"]


@pytest.mark.parametrize("start", [3, 10**30])
def test_an_answer_that_its_passage_does_not_hold_is_scored_but_not_learnt_from(folder, start):
    content = document([("mill", 17)], [("windmill", start)])
    source = folder(**{"dev_1.1": content, "train_1.1": content})
    (span,) = read_split(SQUAD_V1, source, "validation")[1].target
    assert span.text == "windmill"
    with pytest.raises(DataError, match=r"train-v1\.1\.json, row 2 \(id 'q1'\): .* expected it in the passage"):
        read_split(SQUAD_V1, source, "train")


def test_what_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "dev-v2.0.json"
    path.write_bytes(b'{"data": "\xff"}')
    with pytest.raises(DataError, match=r"dev-v2\.0\.json"):
        list(read_file(path))


@pytest.mark.parametrize("task", [SQUAD_V1, SQUAD_V2], ids=lambda task: task.name)
def test_the_sample_has_answers_in_their_passages(task):
    examples = read_split(task, Source(kind="sample"), "validation")
    spans = [(example.pair, span) for example in examples for span in example.target]
    assert all(passage[span.start : span.start + len(span.text)] == span.text for passage, span in spans)
    assert any(example.target == () for example in examples) == task.output.unanswerable


def test_the_suite_and_the_hub_are_pinned():
    assert SQUAD.tasks == (SQUAD_V1.name, SQUAD_V2.name)
    assert [task.hub for task in (SQUAD_V1, SQUAD_V2)] == [
        HubData(
            name="rajpurkar/squad",
            revision="7b6d24c440a36b6815f21b70d25016731768db1f",
            splits={"train": ("plain_text", "train"), "validation": ("plain_text", "validation")},
        ),
        HubData(
            name="rajpurkar/squad_v2",
            revision="3ffb306f725f7d2ce8394bc1873b24868140c412",
            splits={"train": ("squad_v2", "train"), "validation": ("squad_v2", "validation")},
        ),
    ]
