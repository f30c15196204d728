import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.api.data import FolderData
from harness.api.example import Example, Span
from harness.api.output import Classification, Extraction
from harness.api.submission import AnswersFormat, TableFormat
from harness.api.task import Task
from harness.data.source import Source
from harness.errors import SubmissionError, UsageError
from harness.metrics.glue import ACCURACY, F1
from harness.metrics.scoring import suite_score, task_score
from harness.metrics.squad import OFFICIAL_V1, OFFICIAL_V2
from harness.submissions.scoring import SplitScore, score_submission
from harness.submissions.single import read_file


def read_json(path: Path):
    return json.loads(path.read_text())


def label_example(row) -> Example:
    return Example(id=str(row["idx"]), text="?", target=row["label"])


def span_example(row) -> Example:
    passage = " ".join(row["answers"])
    spans = tuple(Span(text, passage.index(text)) for text in row["answers"])
    return Example(id=row["id"], text="?", pair=passage, target=spans)


def folder_of(*splits: str) -> FolderData:
    return FolderData(files={split: f"{split}.json" for split in splits}, read=read_json)


LABELS = Task(
    name="labels",
    title="Labels",
    output=Classification(labels=("no", "yes")),
    read=label_example,
    metrics=(F1, ACCURACY),
    folder=folder_of("validation", "test"),
    submission=TableFormat(files={"test": "labels.tsv"}, words=("0", "1")),
)
TWO_SPLITS = replace(LABELS, scored=("near", "far"), folder=folder_of("near", "far", "test"))
ANSWERS = Task(
    name="answers",
    title="Answers",
    output=Extraction(unanswerable=False),
    read=span_example,
    metrics=(OFFICIAL_V1,),
    folder=folder_of("validation"),
    submission=AnswersFormat(),
)
DOUBTFUL = replace(ANSWERS, name="doubtful", output=Extraction(unanswerable=True), metrics=(OFFICIAL_V2,))


@pytest.fixture
def source(tmp_path):
    labels = {"validation": [1, 1, 0, 0], "test": [None] * 3, "near": [1, 0], "far": [1, 0, 1, 1, 0]}
    for split, values in labels.items():
        (tmp_path / f"{split}.json").write_text(json.dumps([{"label": value} for value in values]))
    return Source(kind="folder", root=tmp_path)


@pytest.fixture
def questions(source):
    def write(**accepted: list[str]) -> Source:
        rows = [{"id": name, "answers": answers} for name, answers in accepted.items()]
        (source.root / "validation.json").write_text(json.dumps(rows))
        return source

    return write


@pytest.fixture
def table(tmp_path):
    def write(*cells: object) -> Path:
        path = tmp_path / "answers.tsv"
        lines = ["index\tprediction", *(f"{index}\t{cell}" for index, cell in enumerate(cells))]
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


@pytest.fixture
def answers(tmp_path):
    def write(name: str = "predictions", /, **content: object) -> Path:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content))
        return path

    return write


def score_file(task: Task, path: Path, source: Source, **options: Path) -> SplitScore:
    (scored,) = score_submission(read_file(task, path, source, **options), [task], source)
    (split,) = scored.splits
    assert scored.score == split.score
    return split


def test_a_task_and_a_suite_are_means():
    figures = {"f1": 80.0, "accuracy": 60.0, "beside": 1.0}
    assert task_score(LABELS, {"validation": figures}) == 70.0
    assert task_score(LABELS, {"near": figures, "far": {"f1": 50.0, "accuracy": 50.0}}) == 60.0
    assert suite_score({"one": 70.0, "other": 60.0}) == 65.0


def test_a_table_is_scored(source, table):
    result = score_file(LABELS, table(1, 0, 1, 0), source)
    assert (result.found.task, result.found.split, len(result.found.examples)) == ("labels", "validation", 4)
    assert read_file(LABELS, table(1, 0, 1, 0), source).notes == ()
    assert result.metric_values == {"f1": 50.0, "accuracy": 50.0}
    assert result.headline == ("f1", "accuracy")
    assert result.score == 50.0


def test_the_number_of_rows_tells_the_split(source, table):
    assert score_file(TWO_SPLITS, table(1, 1), source).found.split == "near"
    assert score_file(TWO_SPLITS, table(1, 0, 1, 1, 0), source).score == 100.0
    with pytest.raises(SubmissionError, match=r"found 4 rows, .*near has 2, far has 5.*name it"):
        read_file(TWO_SPLITS, table(1, 0, 1, 0), source)


def test_a_split_that_is_named_is_the_one(source, table):
    with pytest.raises(SubmissionError, match="expected 0 to 1"):
        read_file(TWO_SPLITS, table(1, 0, 1, 1, 0), source, "near")


def test_a_split_that_is_not_there_is_passed_over(source, table):
    (source.root / "far.json").unlink()
    with pytest.raises(SubmissionError, match="line 4: found index '2'"):
        read_file(TWO_SPLITS, table(1, 0, 1, 1, 0), source)


def test_answers_to_an_unlabelled_split_cannot_be_scored(source, table):
    with pytest.raises(SubmissionError, match="found 3 rows, those of the test split, which has no labels"):
        read_file(LABELS, table(1, 0, 1), source)
    with pytest.raises(UsageError, match=r"nothing to score \(test: no labels"):
        read_file(LABELS, table(1, 0, 1), source, "test")


def test_a_table_that_may_answer_another_split_says_so(source, table):
    (source.root / "test.json").write_text(json.dumps([{"label": None}] * 4))
    notes = read_file(LABELS, table(1, 0, 1, 0), source).notes
    assert notes == ("taken for the validation split; the test split has as many rows.",)


def test_a_short_table_lacks_rows(source, table):
    with pytest.raises(SubmissionError, match="found 2 of 4 rows, expected all; the first missing index is 2"):
        read_file(LABELS, table(1, 0), source)


def test_a_split_that_is_nowhere_is_named(source, table):
    with pytest.raises(UsageError, match=r"no split train.*it holds validation, test"):
        read_file(LABELS, table(1), source, "train")


def test_a_task_without_a_format_says_so(source, table):
    with pytest.raises(UsageError, match="does not say how a file of predictions for it looks"):
        read_file(replace(LABELS, submission=None), table(1), source)


def test_questions_without_an_answer_count_as_wrong_in_1(questions, answers):
    source = questions(a=["red"], b=["the"], c=["blue mill"])
    path = answers(a="Red", c="mill", x="?", y="?")
    result = score_file(ANSWERS, path, source)
    assert result.metric_values == pytest.approx({"f1": 100 * (1 + 2 / 3) / 3, "exact_match": 100 / 3})
    assert len(result.found.examples) == 3
    assert read_file(ANSWERS, path, source).notes == (
        "1 of 3 questions have no answer in the file and count as wrong.",
        "2 predictions for questions that are not in the validation split were ignored.",
    )


def test_questions_without_an_answer_are_refused_in_2(questions, answers):
    source = questions(a=["red"], b=[])
    assert score_file(DOUBTFUL, answers(a="red", b="", x=""), source).metric_values["exact"] == 100.0
    with pytest.raises(SubmissionError, match=r"found 1 of the 2 questions .* the first missing is b"):
        read_file(DOUBTFUL, answers(a="red"), source)


def test_answers_to_other_questions_alone_are_refused(questions, answers):
    with pytest.raises(SubmissionError, match="found 0 of the 1 questions"):
        read_file(ANSWERS, answers(x="red"), questions(a=["red"]))


def test_probabilities_give_the_best_thresholds(questions, answers):
    source = questions(a=["red"], b=[])
    predictions = answers(a="red", b="blue")
    result = score_file(DOUBTFUL, predictions, source, na_probabilities=answers("na", a=0.2, b=0.9, x=0.0))
    assert (result.metric_values["f1"], result.metric_values["best_f1"], result.metric_values["best_f1_thresh"]) == (
        50.0,
        100.0,
        0.2,
    )
    with pytest.raises(SubmissionError, match=r"na.json: found 1 of the 2 questions .* the first missing is b"):
        read_file(DOUBTFUL, predictions, source, na_probabilities=answers("na", a=0.2))


def test_ties_among_probabilities_keep_the_order_of_their_file(questions, answers):
    source = questions(a=["red"], b=[])
    predictions = answers(a="red", b="blue")

    def best(**doubts: float) -> float:
        return score_file(DOUBTFUL, predictions, source, na_probabilities=answers("na", **doubts)).metric_values[
            "best_exact"
        ]

    assert best(a=0.5, b=0.5) == 100.0
    assert best(b=0.5, a=0.5) == 50.0


def test_probabilities_are_of_use_where_there_may_be_no_answer(questions, answers):
    with pytest.raises(UsageError, match="each question has an answer"):
        read_file(ANSWERS, answers(a="red"), questions(a=["red"]), na_probabilities=answers("na", a=0.2))
