"""Made-up runs: results that follow from names and numbers alone, written through the store."""

import hashlib
import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.api.model import History
from harness.api.output import Classification
from harness.store.examples import record_examples
from harness.store.predictions import SplitPredictions
from harness.store.records import (
    DataRecord,
    Failure,
    Machine,
    ModelRecord,
    Result,
    Speed,
    Timings,
)
from harness.store.run import Run
from harness.store.run_info import RunInfo
from tests.fakes.predictions import make_examples, make_predictions, record_attributions, scored

MACHINE = Machine(
    system="Linux", processor="made-up processor", num_cores=2, memory_bytes=8 * 2**30, device="cpu", num_threads=1
)
CREATED = "2025-01-01T00:00:00+00:00"
FIGURES = {
    "cola": ("matthews",), "sst2": ("accuracy",), "mrpc": ("f1", "accuracy"), "stsb": ("pearson", "spearman"),
    "qqp": ("f1", "accuracy"), "mnli": ("accuracy",), "qnli": ("accuracy",), "rte": ("accuracy",),
    "wnli": ("accuracy",), "squad": ("exact_match", "f1"), "squad_v2": ("exact", "f1"),
}  # fmt: skip
TITLES = {
    "cola": "CoLA", "sst2": "SST-2", "mrpc": "MRPC", "stsb": "STS-B", "qqp": "QQP", "mnli": "MNLI", "qnli": "QNLI",
    "rte": "RTE", "wnli": "WNLI", "squad": "SQuAD 1.1", "squad_v2": "SQuAD 2.0",
}  # fmt: skip
SPLITS = {"mnli": ("validation_matched", "validation_mismatched")}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a made-up run holds."""

    tasks: Sequence[str] = ("cola", "mrpc", "mnli")
    models: Sequence[str] = ("majority", "mini", "big")
    num_seeds: int = 2
    kind: Any = "folder"
    suite: str | None = "glue"
    limits: tuple[int | None, int | None] = (None, None)
    data: str = "rows"
    """Stands for the rows: two plans with another word have other data."""
    missing_splits: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unsupported: Sequence[tuple[str, str]] = ()
    failed: Sequence[tuple[str, str, int]] = ()
    skipped: Sequence[tuple[str, str]] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], Sequence[float]] = field(default_factory=dict)
    num_steps: int = 120
    is_validated: bool = True
    """Whether trainings were scored after each epoch; runs once were not."""
    has_speed: bool = True
    num_questions: int = 0
    """Stored for each split, with answers and attributions, from which scores then follow; 0: as runs once were."""
    created: str = CREATED


def write_run(folder: Path, plan: Plan) -> Run:
    """Write what the plan says, and return the run."""
    run = Run(folder)
    run.save_info(make_info(plan))
    left_out = {*plan.unsupported, *plan.skipped}
    failed = {(task, model): seed for task, model, seed in plan.failed}
    for task, model in itertools.product(plan.tasks, plan.models):
        if (task, model) in left_out or task in plan.absent:
            continue
        for seed in range(plan.num_seeds):
            if failed.get((task, model)) == seed:
                run.save_failure(make_failure(task, model, seed))
            elif plan.num_questions:
                save_answered(run, plan, make_result(plan, task, model, seed))
            else:
                run.save(make_result(plan, task, model, seed), ())
        if plan.has_speed:
            seed = 1 if failed.get((task, model)) == 0 else 0
            run.save_speed(f"{task}--{plan.models.index(model)}", make_speed(plan, task, model, seed))
    return run


def save_answered(run: Run, plan: Plan, result: Result) -> None:
    """Write a result with its questions and answers; the model's place tells its skill, from guessing to 95 %."""
    names = list(plan.models)
    skill = 0.5 + 0.45 * names.index(result.model.name) / max(1, len(names) - 1)
    splits = []
    for split in result.scores:
        examples = make_examples(result.task, split, plan.num_questions)
        predictions = make_predictions(result.task, examples, skill, f"{result.model.name} {result.seed} {split}")
        splits.append(SplitPredictions(task=result.task, split=split, examples=examples, predictions=predictions))
    result = scored(result, splits)
    record_examples(run, result, splits)
    record_attributions(run, result, splits)
    run.save(result, splits)


def make_info(plan: Plan) -> RunInfo:
    is_sample = plan.kind == "sample"
    return RunInfo(
        suite=plan.suite,
        suite_title="GLUE" if plan.suite else "chosen tasks",
        score_name="GLUE score" if plan.suite else "",
        tasks=list(plan.tasks),
        task_titles={task: TITLES.get(task, task) for task in plan.tasks},
        models=list(plan.models),
        num_seeds=plan.num_seeds,
        source=plan.kind,
        source_note="made by the harness's own grammar" if is_sample else "rows from a folder",
        is_sample=is_sample,
        commands=["python -m harness run --suite glue"],
        unsupported=list(plan.unsupported),
        absent=dict(plan.absent),
        created=plan.created,
    )


def make_failure(task: str, model: str, seed: int) -> Failure:
    return Failure(
        key=f"{task}--failed--seed{seed}",
        task=task,
        model=model,
        seed=seed,
        message="TrainingError: the loss is <nan> | at step 3\nsecond line",
        traceback="Traceback ...",
        created=CREATED,
    )


def make_result(plan: Plan, task: str, model: str, seed: int) -> Result:
    index = list(plan.models).index(model)
    chance = random.Random(f"{task} {model} {seed}")
    level = 50.0 + 45.0 * index / max(1, len(plan.models) - 1) - 2.5 * (len(task) % 4)
    base = plan.scores[task, model][seed] if (task, model) in plan.scores else level + chance.uniform(-1.5, 1.5)
    figures = FIGURES.get(task, ("accuracy",))
    splits = [split for split in SPLITS.get(task, ("validation",)) if split not in plan.missing_splits.get(task, ())]
    offsets = [2.0 * position - (len(figures) - 1) for position in range(len(figures))]
    scores = {split: {f: base + o for f, o in zip(figures, offsets, strict=True)} for split in splits}
    return Result(
        key=make_key(plan, task, model, seed),
        fingerprint=f"{index:04d}{seed:04d}",
        task=task,
        task_version=1,
        model=make_model(plan, task, index),
        seed=seed,
        output=Classification(labels=("no", "yes")),
        scores=scores,
        headline=list(figures),
        score=base,
        data=make_data(plan, task, splits),
        history=make_history(plan, task, index, chance),
        timings=Timings(
            load_seconds=0.5,
            fit_seconds=1.5 * (index + 1),
            fit_core_seconds=2.0 * (index + 1),
            predict_seconds=dict.fromkeys(splits, 0.25),
            predict_core_seconds=dict.fromkeys(splits, 0.25),
            total_seconds=3.0,
            resumed=False,
        ),
        peak_memory_bytes=2**28 * (index + 1),
        trial_memory_bytes=2**27 * (index + 1),
        machine=MACHINE,
        versions={"harness": "0.1.0", "python": "3.11"},
        created=plan.created,
    )


def make_model(plan: Plan, task: str, index: int) -> ModelRecord:
    """The first model is not trained by gradient; the others have settings of their own for RTE."""
    own = {"epochs": 10.0} if index and task == "rte" else {}
    return ModelRecord(
        name=plan.models[index],
        identity={"class": "MadeUp", "name": plan.models[index], "width": 64 * (index + 1)},
        recipe={"epochs": 3.0, "learning_rate": 5e-5, **own} if index else None,
        task_settings=own,
        num_parameters=1000 * 7 ** min(index, 6),
    )


def make_data(plan: Plan, task: str, splits: Sequence[str]) -> DataRecord:
    return DataRecord(
        kind=plan.kind,
        note="made up",
        fingerprint=hashlib.sha256(f"{plan.data} {task}".encode()).hexdigest(),
        limit_train=plan.limits[0],
        limit_evaluation=plan.limits[1],
        num_examples={"train": 1000, **dict.fromkeys(splits, 250)},
        missing_splits=list(plan.missing_splits.get(task, ())),
    )


def make_history(plan: Plan, task: str, index: int, chance: random.Random) -> History:
    steps = plan.num_steps if index else 0
    return History(
        losses=tuple(0.7 * math.exp(-index * step / 300) + chance.uniform(0, 0.25) for step in range(steps)),
        learning_rates=(5e-5,) * steps,
        evaluations=tuple((epoch * steps // 3, 50.0 + 9 * index + 3 * epoch + chance.random()) for epoch in (1, 2, 3))
        if steps and plan.is_validated
        else (),
        epochs=3.0 if steps else 0.0,
        notes=("batches of 32 halved for want of memory",) if index == 2 and task == "mrpc" else (),
        precision="float32" if index else None,
        core_seconds=1.25 * (index + 1) if index else None,
        flops_per_example=3e6 * index or None,
    )


def make_key(plan: Plan, task: str, model: str, seed: int) -> str:
    return f"{task}--{list(plan.models).index(model)}--seed{seed}--{plan.data}{plan.created[:7]}"


def make_speed(plan: Plan, task: str, model: str, seed: int) -> Speed:
    index = list(plan.models).index(model)
    chance = random.Random(f"speed {task} {model}")
    one = 2e-4 * 1.9 ** min(index, 11) * (1 + 0.1 * len(task))
    return Speed(
        task=task,
        model=model,
        trial_key=make_key(plan, task, model, seed),
        split="validation",
        latency_seconds=[one * chance.uniform(0.9, 1.6) for _ in range(40)],
        batch_seconds={
            size: [one * (1 + 0.15 * size) * chance.uniform(0.95, 1.05) for _ in range(5)]
            for size in (1, 2, 4, 8, 16, 32, 64)
        },
        noise=0.021,
        load_average=0.4,
        precision="float32" if index else None,
        flops_per_example=1e6 * index or None,
        peak_flops_per_second=5e10 if index else None,
        machine=MACHINE,
        created=plan.created,
    )
