"""The generated sample: complete, balanced, the same everywhere, and not to be had by counting words."""

import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from typing import Any

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from tasks import sample

PLAIN, MATCHED = ("train", "validation", "test"), ("validation_matched", "validation_mismatched")
SPLITS = dict.fromkeys(("cola", "sst2", "mrpc", "qqp", "stsb", "rte", "qnli", "wnli"), PLAIN)
SPLITS |= {"mnli": ("train", *MATCHED, "test_matched", "test_mismatched"), "ax": ("test",)}
SPLITS |= {"squad": ("train", "validation"), "squad_v2": ("train", "validation")}
CASES = [(dataset, split) for dataset, splits in SPLITS.items() for split in splits]
LABELLED = [(dataset, split) for dataset, split in CASES if "test" not in split and "squad" not in dataset]
COLUMNS = {
    **dict.fromkeys(("cola", "sst2"), ("sentence", "label")),
    **dict.fromkeys(("mrpc", "stsb", "rte", "wnli"), ("sentence1", "sentence2", "label")),
    **dict.fromkeys(("mnli", "ax"), ("premise", "hypothesis", "label")),
    **dict.fromkeys(("squad", "squad_v2"), ("id", "title", "context", "question", "answers")),
    "qqp": ("question1", "question2", "label"),
    "qnli": ("question", "sentence", "label"),
}
# A fingerprint that changes means other rows: raise `tasks.sample.VERSION`, then copy the new one here.
GOLDEN = {
    "cola/train": "7d4513e6f56e91e6",
    "cola/validation": "681b2301352c9964",
    "cola/test": "a5c0c88932eddee2",
    "sst2/train": "8461a6c2ed8a563d",
    "sst2/validation": "fdd7576ac00e8e01",
    "sst2/test": "e0ed794af5411124",
    "mrpc/train": "644584c561c8bfa1",
    "mrpc/validation": "f3f323e8d7294359",
    "mrpc/test": "7c29b93dea1422c9",
    "qqp/train": "0e09cddc18eb8c9d",
    "qqp/validation": "b51279f5bb012d3d",
    "qqp/test": "e85841a5e38cb1da",
    "stsb/train": "380240362fb8cb8e",
    "stsb/validation": "2c3876549cf22b80",
    "stsb/test": "d7b42c9acb80aaed",
    "rte/train": "a79fcfa58d20fc12",
    "rte/validation": "587ae4826019ee15",
    "rte/test": "c843eb8509221fc5",
    "qnli/train": "9ba6ecf092d85c60",
    "qnli/validation": "4f9e35e9e843899b",
    "qnli/test": "a7f9394c46b9c671",
    "wnli/train": "db118cf97058587c",
    "wnli/validation": "1b06d4d5c4c37792",
    "wnli/test": "bbc4919ea2b0f4e5",
    "mnli/train": "fcbd1744b3841471",
    "mnli/validation_matched": "78206ed2203c29a3",
    "mnli/validation_mismatched": "f8e93eaf372398fc",
    "mnli/test_matched": "6d0eb1d13d195ad4",
    "mnli/test_mismatched": "af4e8bed2cf116fb",
    "ax/test": "b9a16fbd8a14d7fd",
    "squad/train": "59e5186473a65fdb",
    "squad/validation": "6f6fa22a593dde3a",
    "squad_v2/train": "87da53c829d62e6b",
    "squad_v2/validation": "33a61b56656be13a",
}

DIAGNOSTIC = (
    "0204450652006bba"  # AX's labels and phenomena change no answer, so they may change without another version
)

rows = cache(sample.rows)


def inputs(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(value for column, value in row.items() if isinstance(value, str) and column != "id")


def fingerprint(made: list[dict[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(made, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:16]


def test_rows_are_those_of_this_version() -> None:
    made = {f"{dataset}/{split}": fingerprint(rows(dataset, split, 0)) for dataset, split in CASES}
    assert (sample.VERSION, made) == (1, GOLDEN)


def test_another_process_and_hash_seed_make_the_same_rows() -> None:
    code = "import json, sys; from tasks import sample; json.dump(sample.rows('squad_v2', 'validation', 3), sys.stdout)"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": "7"})
    assert json.loads(made.stdout) == rows("squad_v2", "validation", 3)


def test_diagnostic_rows_are_those_of_ax_with_labels_and_phenomena() -> None:
    made = sample.diagnostic_rows(0)
    assert fingerprint(made) == DIAGNOSTIC
    assert [{**row, "label": -1} for row in made] == [
        {**row, "tags": t["tags"]} for row, t in zip(rows("ax", "test", 0), made, strict=True)
    ]
    assert {row["label"] for row in made} == {0, 1, 2}
    for row in made:
        phenomenon, domain = row["tags"]
        assert domain in ("Domain: Town", "Domain: Animals")
        if row["premise"].split()[0] in ("All", "Some", "Most", "Few"):
            assert phenomenon == "Logic: Quantifiers"


def test_another_seed_makes_other_rows() -> None:
    assert rows("cola", "validation", 0) != rows("cola", "validation", 1)


@pytest.mark.parametrize(("dataset", "split"), CASES)
def test_size_columns_and_text(dataset: str, split: str) -> None:
    made = rows(dataset, split, 0)
    assert len(made) == {"train": 1000, "validation": 250, "test": 100}[split.partition("_")[0]]
    assert {tuple(row) for row in made} == {COLUMNS[dataset]}
    for text in {text for row in made for text in inputs(row)}:
        assert not re.search(r"[{}]|\s\s|^\s|\s$|\s[.,?]|\b[Aa] [aeiou]|\b[Aa]n [^aeiou]|,,", text), text


@pytest.mark.parametrize(("dataset", "split"), CASES)
def test_no_input_comes_twice_or_in_another_split(dataset: str, split: str) -> None:
    own = [inputs(row) for row in rows(dataset, split, 0)]
    assert len(own) == len(set(own))
    for other in set(SPLITS[dataset]) - {split}:
        assert not {inputs(row) for row in rows(dataset, other, 1)} & set(own)


@pytest.mark.parametrize(("dataset", "split"), LABELLED)
def test_labels_are_balanced(dataset: str, split: str) -> None:
    labels = Counter(row["label"] for row in rows(dataset, split, 0))
    if dataset == "stsb":
        assert set(labels) <= {half / 2 for half in range(11)}
        assert max(labels.values()) < 0.25 * labels.total()
        return
    expected = {"cola": (0.4, 0.6), "mrpc": (0.38, 0.62), "qqp": (0.6, 0.4), "mnli": (1 / 3,) * 3}.get(
        dataset, (0.5, 0.5)
    )
    assert sorted(labels) == list(range(len(expected)))
    assert [labels[label] / labels.total() for label in sorted(labels)] == pytest.approx(expected, abs=0.09)


@pytest.mark.parametrize(("dataset", "split"), [case for case in CASES if "test" in case[1]])
def test_test_rows_hide_their_label(dataset: str, split: str) -> None:
    assert {repr(row["label"]) for row in rows(dataset, split, 0)} == {"-1.0" if dataset == "stsb" else "-1"}


@pytest.mark.parametrize("split", ["train", "validation"])
@pytest.mark.parametrize("dataset", ["squad", "squad_v2"])
def test_answers_stand_where_they_are_said_to(dataset: str, split: str) -> None:
    made = rows(dataset, split, 0)
    for row in made:
        for text, start in zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True):
            assert row["context"][start : start + len(text)] == text
            assert len(re.findall(rf"\b{text}\b", row["context"])) == 1, "two places would answer"
    assert len({row["id"] for row in made}) == len(made)
    unanswerable = sum(not row["answers"]["text"] for row in made) / len(made)
    assert unanswerable == (0 if dataset == "squad" else pytest.approx(1 / 3, abs=0.06))


def test_passages_repeat_and_some_need_windows() -> None:
    num_words = [len(context.split()) for context in {row["context"] for row in rows("squad", "train", 0)}]
    assert len(num_words) == pytest.approx(200, abs=5)
    assert min(num_words) < 60
    assert max(num_words) <= 260
    assert sum(count > 150 for count in num_words) > 20


@pytest.mark.parametrize(
    ("dataset", "ceiling"),
    [("cola", 0.70), ("sst2", 0.65), ("mrpc", 0.78), ("qqp", 0.72), ("mnli", 0.66), ("wnli", 0.60)],
)
def test_no_bag_of_words_is_enough(dataset: str, ceiling: float) -> None:
    def counted(split: str) -> tuple[list[str], list[int]]:
        made = rows(dataset, split, 0)
        sides = [[re.findall(r"\w+", text.lower()) for text in inputs(row)] for row in made]
        texts = [" ".join(f"{side}{word}" for side, words in enumerate(row) for word in words) for row in sides]
        return texts, [row["label"] for row in made]

    (texts, labels), (held_out, answers) = counted("train"), counted(MATCHED[0] if dataset == "mnli" else "validation")
    vectorizer = CountVectorizer(binary=True)
    model = LogisticRegression(max_iter=1000).fit(vectorizer.fit_transform(texts), labels)
    assert model.score(vectorizer.transform(held_out), answers) < ceiling
