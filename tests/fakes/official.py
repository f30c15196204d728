"""The generated sample's rows as GLUE's and SQuAD's official files have them, few of each."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.api.data import SampleData
from harness.api.task import Task

NUM_ROWS = {"train": 30}
NUM_OTHERS = 16
COLUMNS: dict[str, Mapping[str, str]] = {
    "sst2": {"sentence": "sentence", "label": "label"},
    "mrpc": {"Quality": "label", "#1 ID": "idx", "#2 ID": "idx", "#1 String": "sentence1", "#2 String": "sentence2"},
    "stsb": {"index": "idx", "genre": "genre", "sentence1": "sentence1", "sentence2": "sentence2", "score": "label"},
    "qqp": {"id": "idx", "question1": "question1", "question2": "question2", "is_duplicate": "label"},
    "mnli": {"index": "idx", "sentence1": "premise", "sentence2": "hypothesis", "gold_label": "label"},
    "qnli": {"index": "idx", "question": "question", "sentence": "sentence", "label": "label"},
    "rte": {"index": "idx", "sentence1": "sentence1", "sentence2": "sentence2", "label": "label"},
    "wnli": {"index": "idx", "sentence1": "sentence1", "sentence2": "sentence2", "label": "label"},
}
"""The header of each official file, and what of a row stands below it; CoLA's files have none."""
NAMED = ("mnli", "qnli", "rte")
"""Tasks whose files have a label's name, not its number."""


def write_official(task: Task, root: Path) -> None:
    """Write every split of one of our tasks into a folder, in the official layout."""
    assert task.folder is not None
    assert task.sample is not None
    for split, names in task.folder.files.items():
        name = names if isinstance(names, str) else names[0]
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = _rows(task.sample, split)
        text = _squad(rows) if name.endswith(".json") else _table(task, rows, split)
        path.write_text(text, encoding="utf-8")


def _rows(sample: SampleData, split: str) -> list[dict[str, Any]]:
    rows = sample.generate(split, sample.seed)[: NUM_ROWS.get(split, NUM_OTHERS)]
    return [{**row, "idx": number, "genre": "made up"} for number, row in enumerate(rows)]


def _table(task: Task, rows: list[dict[str, Any]], split: str) -> str:
    is_labelled = not (split.startswith("test") or split == "ax")
    if task.name == "cola":
        lines = [f"made\t{row['label']}\t\t{row['sentence']}" for row in rows]
        unlabelled = ["index\tsentence", *(f"{row['idx']}\t{row['sentence']}" for row in rows)]
        return "\n".join(lines if is_labelled else unlabelled) + "\n"
    columns = {head: key for head, key in COLUMNS[task.name].items() if is_labelled or key != "label"}
    written = ["\t".join(columns)]
    written += ["\t".join(str(_cell(task, row, key)) for key in columns.values()) for row in rows]
    return "\n".join(written) + "\n"


def _cell(task: Task, row: Mapping[str, Any], key: str) -> Any:
    is_named = key == "label" and task.name in NAMED
    return task.output.labels[row[key]] if is_named else row[key]


def _squad(rows: list[dict[str, Any]]) -> str:
    """Return SQuAD's JSON, one paragraph a question."""
    paragraphs = []
    for row in rows:
        answers = row["answers"]
        spans = zip(answers["text"], answers["answer_start"], strict=True)
        question = {
            "id": row["id"],
            "question": row["question"],
            "answers": [{"text": text, "answer_start": start} for text, start in spans],
            "is_impossible": not answers["text"],
        }
        paragraphs.append({"context": row["context"], "qas": [question]})
    return json.dumps({"version": "made up", "data": [{"title": "made up", "paragraphs": paragraphs}]})
