"""Results JSON as lm-evaluation-harness 0.4 writes it (``lm_eval/evaluator.py``, ``loggers/evaluation_tracker.py``).

Tasks and metric values bear its names, and fractions are of 1. What differs is said in ``configs``: these models were
fine-tuned on the task, where that harness prompts. A task of the generated sample begins with ``sample_``, so that no
tool takes it for the benchmark; one under a limit says so in its ``alias``, and in ``config`` like there.
"""

import datetime
import json
from collections.abc import Sequence
from typing import Any

from harness.markup import one_line, writable
from reports.evidence.results import Evidence
from reports.exports.metric_values import DATASETS, MetricValue, model_results
from reports.text.numbers import known

NAMES = {"accuracy": "acc", "matthews": "mcc"}
"""Names of metric values that differ there."""
TASKS = {("mnli", "validation_matched"): "mnli", ("mnli", "validation_mismatched"): "mnli_mismatch",
         ("squad_v2", "validation"): "squadv2"}  # fmt: skip
NOT_KNOWN = "N/A"
SUBMITTED = "a file of predictions; how they were made is not known"


def results_name(evidence: Evidence, label: str) -> str:
    """Return the name of the file: the time of the newest result, as that harness writes times."""
    return f"results_{_newest(evidence, label).isoformat(timespec='microseconds').replace(':', '-')}.json"


def _newest(evidence: Evidence, label: str) -> datetime.datetime:
    times = (datetime.datetime.fromisoformat(result.created) for result in model_results(evidence, label))
    return max(time.astimezone(datetime.UTC).replace(tzinfo=None) for time in times)


def results_json(evidence: Evidence, label: str, values: Sequence[MetricValue]) -> str:
    """Return the file of one model."""
    tasks: dict[str, list[MetricValue]] = {}
    for value in values:
        tasks.setdefault(task_name(value), []).append(value)
    firsts = {task: found[0] for task, found in tasks.items()}
    content = {
        "results": {task: _scores(found) for task, found in tasks.items()},
        "group_subtasks": {task: [] for task in tasks},
        "configs": {task: _config(task, first) for task, first in firsts.items()},
        "versions": {task: float(first.result.task_version) for task, first in firsts.items()},
        "n-shot": dict.fromkeys(tasks, 0),
        "higher_is_better": {
            task: {NAMES.get(value.name, value.name): value.result.higher_is_better for value in found}
            for task, found in tasks.items()
        },
        "n-samples": {
            task: {"original": first.num_examples, "effective": first.num_examples} for task, first in firsts.items()
        },
        **_of_run(evidence, label, values),
        "task_hashes": {task: first.result.data.fingerprint for task, first in firsts.items()},
    }
    return json.dumps(writable(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _of_run(evidence: Evidence, label: str, values: Sequence[MetricValue]) -> dict[str, Any]:
    results = model_results(evidence, label)
    name = one_line(label) or "model"
    limits = {value.limits[1] for value in values}
    seeds = sorted({result.seed for result in results})
    seconds = known(result.timings.total_seconds if result.timings else None for result in results)
    return {
        "config": {
            "model": "harness",
            "model_args": f"model={name.replace(',', ' ')}",
            "model_num_parameters": max(known(result.model.num_parameters for result in results), default=NOT_KNOWN),
            "limit": limits.pop() if len(limits) == 1 else None,
            "random_seed": seeds[0] if len(seeds) == 1 else seeds,
        },
        "git_hash": None,
        "date": _newest(evidence, label).replace(tzinfo=datetime.UTC).timestamp(),
        "transformers_version": results[0].versions.get("transformers", NOT_KNOWN),
        "harness_version": results[0].versions.get("harness", NOT_KNOWN),
        "model_source": "harness",
        "model_name": name,
        "model_name_sanitized": _sanitized(name),
        "total_evaluation_time_seconds": str(sum(seconds)) if seconds else NOT_KNOWN,
    }


def _sanitized(name: str) -> str:
    return "".join("__" if character in '"<>:/|\\?*[]' else character for character in name)


def task_name(value: MetricValue) -> str:
    """Return what that harness calls the task of a metric value; it has a task a split."""
    splits: list[str] = list(value.result.scores)
    name = f"{value.task}_{value.split}" if len(splits) > 1 and splits[0] != value.split else value.task
    name = one_line(TASKS.get((value.task, value.split), name))
    return f"sample_{name}" if value.is_sample else name


def _scores(values: Sequence[MetricValue]) -> dict[str, Any]:
    remarks = "; ".join(values[0].remarks)
    scores: dict[str, Any] = {"alias": task_name(values[0]) + (f" ({remarks})" if remarks else "")}
    for value in values:
        name, error = NAMES.get(value.name, value.name), value.standard_error
        scores[f"{name},none"] = round(value.estimate.value / value.scale, 8)
        scores[f"{name}_stderr,none"] = NOT_KNOWN if error is None else round(error / value.scale, 8)
    return scores


def _config(task: str, value: MetricValue) -> dict[str, Any]:
    """Return what a reader needs to know of the task; the recipe is that of the first seed."""
    result = value.result
    dataset, config = DATASETS.get(value.task, (one_line(value.task), None))
    if value.is_sample:
        dataset, config = "generated sample", None
    origin = SUBMITTED if result.submission else "fine-tuned on the task's training split, not prompted"
    return {
        "task": task,
        "dataset_path": dataset,
        "dataset_name": config,
        "training_split": "train",
        "validation_split": value.split,
        "description": "; ".join((origin, *value.remarks)),
        "output_type": value.answer,
        "num_fewshot": 0,
        "repeats": value.estimate.num_seeds,
        "metadata": {"version": float(result.task_version), "recipe": result.model.recipe},
    }
