"""A small suite with GLUE's peculiarities, its data in a folder, and a run that answered all of it."""

import json
import random
from pathlib import Path

from harness.api.data import FolderData
from harness.api.example import Example, Prediction
from harness.api.output import Classification, Extraction, Regression
from harness.api.submission import AnswersFormat, TableFormat
from harness.api.task import Suite, Task
from harness.data.loading import read_split
from harness.data.source import Source
from harness.metrics.glue import ACCURACY, F1, MATTHEWS, PEARSON, SPEARMAN
from harness.metrics.scoring import headline, score, task_score
from harness.metrics.squad import OFFICIAL_V2
from harness.store.examples import record_examples
from harness.store.predictions import SplitPredictions
from harness.store.run import Run
from tests.fakes.synthetic import Plan, make_info, make_result

SIZES = {
    "labels": {"validation": 6, "test": 4},
    "numbers": {"validation": 5, "test": 5},  # alike, as QNLI's are
    "pairs": {"near": 4, "far": 7, "near_test": 3, "far_test": 8, "ax": 5},
    "questions": {"validation": 4},
}


def read_json(path: Path):
    return json.loads(path.read_text())


def read(row) -> Example:
    return Example(id=str(row["idx"]), text="?", target=row["label"])


def read_question(row) -> Example:
    return Example(id=f"q{row['idx']}", text="?", pair="", target=())


def folder_of(task: str) -> FolderData:
    return FolderData(files={split: f"{task}-{split}.json" for split in SIZES[task]}, read=read_json)


LABELS = Task(
    name="labels",
    title="Labels",
    output=Classification(labels=("no", "yes")),
    read=read,
    metrics=(F1, ACCURACY),
    folder=folder_of("labels"),
    submission=TableFormat(files={"validation": "Labels.tsv", "test": "Labels.tsv"}, words=("0", "1")),
)
NUMBERS = Task(
    name="numbers",
    title="Numbers",
    output=Regression(low=0.0, high=5.0),
    read=read,
    metrics=(PEARSON, SPEARMAN),
    folder=folder_of("numbers"),
    submission=TableFormat(files={"validation": "Numbers.tsv", "test": "Numbers.tsv"}, bounds=(0.0, 5.0)),
)
PAIRS = Task(
    name="pairs",
    title="Pairs",
    output=Classification(labels=("entailment", "neutral", "contradiction")),
    read=read,
    metrics=(ACCURACY,),
    folder=folder_of("pairs"),
    scored=("near", "far"),
    predicted=("near_test", "far_test", "ax"),
    submission=TableFormat(
        files={"near": "Near.tsv", "far": "Far.tsv", "near_test": "Near.tsv", "far_test": "Far.tsv", "ax": "AX.tsv"},
        words=("entailment", "neutral", "contradiction"),
        split_metrics={"ax": (MATTHEWS,)},
    ),
)
QUESTIONS = Task(
    name="questions",
    title="Questions",
    output=Extraction(unanswerable=True),
    read=read_question,
    metrics=(OFFICIAL_V2,),
    folder=folder_of("questions"),
    predicted=(),
    submission=AnswersFormat(),
)
TASKS = (LABELS, NUMBERS, PAIRS)
FILES = ("Labels.tsv", "Numbers.tsv", "Near.tsv", "Far.tsv", "AX.tsv")
MINI = Suite(name="mini", title="Mini", tasks=("labels", "numbers", "pairs"), score_name="Mini score")


def write_data(root: Path, *, labelled: tuple[str, ...] = ("validation", "near", "far")) -> Source:
    """Write every split, with labels where its name is among ``labelled``."""
    for task in (*TASKS, QUESTIONS):
        for split, size in SIZES[task.name].items():
            rows = [{"label": _target(task, index) if split in labelled else None} for index in range(size)]
            (root / f"{task.name}-{split}.json").write_text(json.dumps(rows))
    return Source(kind="folder", root=root, note="the folder")


def _target(task: Task, index: int) -> float:
    return (
        index % len(task.output.labels)
        if isinstance(task.output, Classification)
        else [4.2, 0.0, 5.0, 1.5, 3.125][index]
    )


def answer(task: Task, chance: random.Random) -> Prediction:
    """Return a made-up answer that a table keeps to the last digit."""
    match task.output:
        case Classification(labels=labels):
            return Prediction(value=chance.randrange(len(labels)))
        case Regression():
            return Prediction(value=round(chance.uniform(0, 5), 3))
        case _:
            return Prediction(value=chance.choice(["", "red", 'the "caf\u00e9"\u2028']), scores=(chance.random(),))


def write_run(folder: Path, source: Source, *, models=("bag", "mini"), seeds=(0, 1), tasks=TASKS, **data) -> Run:
    """Write a run in which each model answered everything; ``data`` goes over what the results say of their data."""
    run, plan = (
        Run(folder),
        Plan(tasks=[task.name for task in tasks], models=models, num_seeds=len(seeds), suite="mini"),
    )
    run.save_info(make_info(plan))
    for task in tasks:
        for model in models:
            for seed in seeds:
                _save(run, plan, task, source, (model, seed), data)
    return run


def _save(run: Run, plan: Plan, task: Task, source: Source, pair: tuple[str, int], data: dict) -> None:
    chance = random.Random(f"{task.name} {pair}")
    held = source.splits(task)
    limit = data.get("limit_evaluation")
    examples = {s: read_split(task, source, s, limit) for s in (*task.scored, *task.predicted) if s in held}
    answers = {split: [answer(task, chance) for _ in rows] for split, rows in examples.items()}
    scores = {split: score(task.metrics, answers[split], examples[split]) for split in task.scored if split in examples}
    result = make_result(plan, task.name, *pair)
    about = {"fingerprint": source.fingerprint(task), "num_examples": {s: len(rows) for s, rows in examples.items()}}
    figures = {"scores": scores, "score": task_score(task, scores), "data": result.data.model_copy(update=about | data)}
    names = list(headline(task.metrics, next(iter(scores.values()))))
    result = result.model_copy(update=figures | {"output": task.output, "headline": names})
    splits = [
        SplitPredictions(task=task.name, split=split, examples=rows, predictions=answers[split])
        for split, rows in examples.items()
    ]
    record_examples(run, result, splits)
    run.save(result, splits)
