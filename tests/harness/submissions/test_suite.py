"""A suite's zip from a stranger: which splits it answers, what it scores, and why it is refused."""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.api.example import Prediction
from harness.data.source import Source
from harness.errors import SubmissionError, UsageError
from harness.metrics.glue import MATTHEWS
from harness.metrics.scoring import score
from harness.submissions.scoring import SplitScore, named_mean, score_submission, scores_by_task
from harness.submissions.sides import Side, side_named, split_of, table_files
from harness.submissions.submission import Submission
from harness.submissions.suite import read_zip
from tests.fakes.mini_suite import FILES, LABELS, MINI, PAIRS, QUESTIONS, SIZES, TASKS, write_data

ROWS = {
    "validation": dict(zip(FILES, (6, 5, 4, 7, 5), strict=True)),
    "test": dict(zip(FILES, (4, 5, 3, 8, 5), strict=True)),
}
ANSWERS = {"Labels.tsv": "1", "Numbers.tsv": "2.5", "Near.tsv": "neutral", "Far.tsv": "neutral", "AX.tsv": "neutral"}
Write = Callable[..., Path]


def table(num_rows: int, answer: str) -> str:
    return "index\tprediction\n" + "".join(f"{index}\t{answer}\n" for index in range(num_rows))


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return write_data(tmp_path)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a function that writes a whole submission, but for what it is told."""

    def write(side: Side = "validation", without: tuple[str, ...] = (), **other: str | bytes) -> Path:
        tables: dict[str, str | bytes] = {name: table(ROWS[side][name], answer) for name, answer in ANSWERS.items()}
        tables.update({f"{name}.tsv": content for name, content in other.items()})
        with zipfile.ZipFile(tmp_path / "mini.zip", "w") as archive:
            for name, content in tables.items():
                if name not in without:
                    archive.writestr(name, content)
        return tmp_path / "mini.zip"

    return write


def read(path: Path, source: Source, side: Side | None = None, *, partial: bool = False) -> Submission:
    return read_zip(path, TASKS, source, side, partial=partial)


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What a submission scores, file by file, task by task, and over the tasks."""

    files: list[SplitScore]
    scores: dict[str, float]
    mean_name: str
    mean: float | None


def scored(submission: Submission, source: Source) -> Scored:
    found = score_submission(submission, TASKS, source)
    name, mean = named_mean(found, MINI)
    files = [split for one in found for split in one.splits]
    return Scored(files=files, scores=scores_by_task(found), mean_name=name, mean=mean)


def test_a_whole_submission_is_scored(source: Source, write: Write) -> None:
    submission = read(write(), source)
    assert [(n, s.split, len(s.predictions), len(s.examples)) for n, s in submission.files.items()] == [
        ("Labels.tsv", "validation", 6, 6),
        ("Numbers.tsv", "validation", 5, 5),
        ("Near.tsv", "near", 4, 4),
        ("Far.tsv", "far", 7, 7),
        ("AX.tsv", "ax", 5, 5),
    ]
    assert (submission.side, submission.absent) == ("validation", ())
    found = scored(submission, source)
    assert [(one.file, one.reason) for one in found.files if one.reason] == [("AX.tsv", "no labels")]
    assert found.files[0].metric_values == {"f1": pytest.approx(200 / 3), "accuracy": 50.0}
    assert found.files[0].headline == ("f1", "accuracy")
    assert found.scores == pytest.approx({"labels": 175 / 3, "numbers": 0.0, "pairs": (25.0 + 200 / 7) / 2})
    assert found.mean == pytest.approx(sum(found.scores.values()) / 3)
    assert found.mean_name == "Mini score"


def test_predictions_stand_in_the_order_of_the_examples(source: Source, write: Write) -> None:
    lines = table(6, "0").replace("4\t0", "4\t1").splitlines()
    found = read(write(Labels="\n".join([lines[0], *reversed(lines[1:])])), source).files["Labels.tsv"]
    assert [prediction.value for prediction in found.predictions] == [0, 0, 0, 0, 1, 0]
    assert [example.id for example in found.examples] == ["0", "1", "2", "3", "4", "5"]
    assert found.predictions[4] == Prediction(value=1)


def test_test_splits_without_labels_are_checked_only(source: Source, write: Write) -> None:
    submission = read(write("test"), source)
    assert submission.side == "test"
    assert [each.split for each in submission.files.values()] == ["test", "test", "near_test", "far_test", "ax"]
    found = scored(submission, source)
    assert {each.reason for each in found.files} == {"no labels"}
    assert (found.scores, found.mean) == ({}, None)
    with pytest.raises(SubmissionError, match=r"mini.zip/Near.tsv: found 2 of 3 rows"):
        read(write("test", Near=table(2, "neutral")), source)


def test_test_labels_count_where_they_are_at_hand(tmp_path: Path, write: Write) -> None:
    source = write_data(tmp_path, labelled=("validation", "near", "far", "test", "near_test", "far_test"))
    submission = read(write("test"), source)
    found = scored(submission, source)
    assert (submission.side, list(found.scores)) == ("test", ["labels", "numbers", "pairs"])
    assert found.mean_name == "mean of 3 tasks", "the suite's name is for validation splits"


def test_the_diagnostic_set_has_its_own_metric_and_stands_beside(tmp_path: Path, write: Write) -> None:
    source = write_data(tmp_path, labelled=("validation", "near", "far", "ax"))
    answers = table(5, "neutral").replace("0\tneutral", "0\tentailment")
    found = scored(read(write(AX=answers), source), source)
    diagnostic = found.files[-1]
    assert (diagnostic.found.split, diagnostic.headline, diagnostic.counts) == ("ax", ("matthews",), False)
    assert diagnostic.metric_values == score([MATTHEWS], diagnostic.found.predictions, diagnostic.found.examples)
    assert diagnostic.metric_values["matthews"] > 0
    assert found.scores == scored(read(write(), source), source).scores


def test_files_may_be_absent_if_that_is_said(source: Source, write: Write) -> None:
    path = write(without=("Labels.tsv", "Far.tsv"))
    submission = read(path, source, partial=True)
    assert submission.absent == ("Labels.tsv", "Far.tsv")
    found = scored(submission, source)
    assert found.scores == {"numbers": 0.0, "pairs": 25.0}
    assert found.mean_name == "mean of 2 tasks"
    found = scored(read(write(without=("Far.tsv",)), source, partial=True), source)
    assert found.mean_name == "mean of 3 tasks", "a task that lacks a split is not whole"


def test_splits_that_are_not_at_hand_are_not_scored(source: Source, write: Write) -> None:
    for split in ("far", "far_test", "ax"):
        (source.root / f"pairs-{split}.json").unlink()
    found = scored(read(write(Far=table(99, "neutral")), source), source)
    assert [each.reason for each in found.files] == ["", "", "", "no far split at hand", "no ax split at hand"]
    assert found.scores["pairs"] == 25.0
    assert found.mean_name == "mean of 3 tasks"
    with pytest.raises(SubmissionError, match=r"Far.tsv, line 3: found index 'x', expected 0 to 1"):
        read(write(Far="index\tprediction\n0\tneutral\nx\tneutral\n"), source)


def test_most_files_tell_the_side(source: Source, write: Write) -> None:
    with pytest.raises(SubmissionError, match=r"Labels.tsv: found 4 of 6 rows.* missing index is 4"):
        read(write(Labels=table(4, "1")), source)


def test_a_side_that_is_named_is_the_one(source: Source, write: Write) -> None:
    only = write(without=tuple(name for name in FILES if name != "Numbers.tsv"))
    assert read(only, source, "test", partial=True).files["Numbers.tsv"].split == "test"
    assert read(only, source, "validation", partial=True).files["Numbers.tsv"].split == "validation"
    with pytest.raises(SubmissionError, match=r"Labels.tsv, line 6: found index '4', expected 0 to 3"):
        read(write(), source, "test")
    assert (side_named(None), side_named("test")) == (None, "test")
    with pytest.raises(UsageError, match=r"^--split far: of a whole submission, expected validation or test\.$"):
        side_named("far")


WRONG: dict[str, tuple[Mapping[str, object], str]] = {
    "a missing row": (
        {"Labels": table(5, "1")},
        "/Labels.tsv: found 5 of 6 rows, expected all; the first missing index is 5.",
    ),
    "a row too many": ({"Labels": table(7, "1")}, "/Labels.tsv, line 8: found index '6', expected 0 to 5."),
    "a double row": (
        {"Labels": table(6, "1").replace("5\t", "2\t")},
        "/Labels.tsv, line 7: found index 2 again, expected each once.",
    ),
    "an unknown label": (
        {"Near": table(4, "neutral").replace("3\tneutral", "3\tperhaps")},
        "/Near.tsv, line 5: found the label 'perhaps', expected entailment or neutral or contradiction.",
    ),
    "no number": (
        {"Numbers": table(5, "2").replace("1\t2", "1\tnan")},
        "/Numbers.tsv, line 3: found 'nan', expected a number.",
    ),
    "a number beyond the bounds": (
        {"Numbers": table(5, "2").replace("1\t2", "1\t5.001")},
        "/Numbers.tsv, line 3: found '5.001', expected a number from 0 to 5.",
    ),
    "another header": (
        {"AX": table(5, "neutral").replace("prediction", "label")},
        "/AX.tsv, line 1: found 'index\\tlabel', expected the header 'index\\tprediction'.",
    ),
    "a byte-order mark": (
        {"Far": "\ufeff" + table(7, "neutral")},
        "/Far.tsv, line 1: found a byte-order mark, expected UTF-8 without one.",
    ),
    "no UTF-8": (
        {"Far": table(6, "neutral").encode() + b"6\tn\xe9utral\n"},
        "/Far.tsv, line 8: found bytes that are not text, expected UTF-8.",
    ),
    "an empty file": (
        {"Far": b""},
        "/Far.tsv, line 1: found '', expected the header 'index\\tprediction'.",
    ),
    "a missing file": (
        {"without": ("Near.tsv", "AX.tsv")},
        ": found no Near.tsv, AX.tsv; expected all 5 files (--partial scores what is there).",
    ),
    "no file": (
        {"without": FILES},
        ": found no Labels.tsv, Numbers.tsv, Near.tsv, Far.tsv, AX.tsv; expected all 5 files.",
    ),
    "a file too many": (
        {"Other": ""},
        ": found 'Other.tsv', which should not be there; expected Labels.tsv, Numbers.tsv, Near.tsv, Far.tsv, AX.tsv.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "complaint"), WRONG.values(), ids=WRONG)
def test_a_bad_submission_is_refused(
    source: Source, write: Write, changes: Mapping[str, object], complaint: str
) -> None:
    path = write(**changes)
    with pytest.raises(SubmissionError) as error:
        read(path, source)
    assert str(error.value) == f"{path}{complaint}"


@pytest.mark.parametrize(
    ("num_rows", "counts"), [({"Numbers.tsv": 5}, "has 5; test has 5, validation has 5"), ({"Labels.tsv": 9}, "has 9;")]
)
def test_rows_that_do_not_tell_the_side_are_refused(
    source: Source, write: Write, num_rows: dict[str, int], counts: str
) -> None:
    (name, number), *_ = num_rows.items()
    path = write(without=tuple(set(FILES) - {name}), **{name[:-4]: table(number, "2")})
    with pytest.raises(SubmissionError, match=rf"do not tell which splits it is for \({name} {counts}.* say --split "):
        read(path, source, partial=True)


def test_a_table_without_rows_is_refused_where_their_number_is_unknown(write: Write, tmp_path: Path) -> None:
    empty = Source(kind="folder", root=tmp_path / "none", note="")
    found = scored(read(write(), empty), empty)
    assert {each.reason for each in found.files} == {
        f"no {split} split at hand" for split in ("test", "near_test", "far_test", "ax")
    }
    with pytest.raises(SubmissionError, match=r"mini.zip/AX.tsv: found no rows\.$"):
        read(write(AX="index\tprediction\n"), empty)


def test_a_task_without_tables_has_no_part_in_a_zip() -> None:
    with pytest.raises(UsageError, match="task 'questions' has no table of predictions"):
        table_files([LABELS, QUESTIONS])


def test_each_split_is_read_once(source: Source, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    original = Source.rows
    monkeypatch.setattr(Source, "rows", lambda self, task, split: calls.append(split) or original(self, task, split))
    read(write(), source)
    assert len(calls) == sum(len(SIZES[task.name]) for task in TASKS)


def test_a_side_falls_back_on_what_there_is() -> None:
    assert split_of(PAIRS, ["near", "near_test"], "test") == "near_test"
    assert split_of(PAIRS, ["near", "near_test"], "validation") == "near"
    assert split_of(PAIRS, ["ax"], "validation") == "ax"
    assert split_of(QUESTIONS, ["validation"], "test") == "validation"
