"""Comparisons and evidence as data frames, for whoever goes on from the CSV files.

They are tidy, with plain column names and base units.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from harness.store.records import Result, Speed
from reports.analysis.notes import estimates
from reports.analysis.section import Section
from reports.evidence.results import Evidence
from reports.text.numbers import known, mean_of_known

RESULT_COLUMNS = (
    "run", "task", "model", "seed", "split", "metric", "value", "in_score", "score", "num_examples", "missing_splits",
    "data_kind", "data_note", "data_fingerprint", "limit_train", "limit_evaluation", "task_version", "num_parameters",
    "num_trainable_parameters", "fit_seconds", "predict_seconds", "load_seconds", "total_seconds", "resumed",
    "peak_memory_bytes", "trial_memory_bytes", "device", "processor", "num_cores", "num_threads", "key",
    "fingerprint", "created",
)  # fmt: skip
COST_COLUMNS = (
    "run", "task", "model", "num_parameters", "num_trainable_parameters", "fit_seconds", "fit_core_seconds",
    "peak_memory_bytes", "trial_memory_bytes", "latency_p50_seconds", "latency_p90_seconds", "latency_p99_seconds",
    "batch_size", "examples_per_second", "noise", "load_average", "precision", "peak_flops_per_second",
    "training_flops_per_example", "training_fraction_of_peak", "inference_flops_per_example",
    "inference_fraction_of_peak", "device", "processor", "num_threads", "tokenisation", "split", "data_kind",
    "limit_train", "limit_evaluation",
)  # fmt: skip
TIMES = ("fit_seconds", "load_seconds", "total_seconds", "resumed")
COUNTS = (
    "limit_train", "limit_evaluation", "num_examples", "batch_size", "num_parameters",
    "num_trainable_parameters", "peak_memory_bytes", "trial_memory_bytes", "num_cores", "num_threads",
)  # fmt: skip


def comparison_frame(section: Section) -> pd.DataFrame:
    """Return one row a model: a task's mean, interval, deviation and seeds, each in a column; then those over tasks."""
    evidence, comparison, analysis = section.evidence, section.comparison, section.analysis
    records = []
    for row in comparison.rows:
        record: dict[str, object] = {"model": row.model, "run": evidence.models[row.model].label}
        cells = [(column.task, cell) for column, cell in zip(comparison.columns, row.cells, strict=True)]
        known = estimates(comparison, row, analysis)
        for (name, cell), estimate in zip([*cells, ("mean", row.mean)], known, strict=True):
            record[name] = cell.mean if cell.values else None
            record[f"{name}_low"] = estimate.low if estimate else None
            record[f"{name}_high"] = estimate.high if estimate else None
            record[f"{name}_deviation"] = cell.deviation
            record[f"{name}_seeds"] = len(cell.values)
        standing = analysis.standings.get(row.model)
        record["rank"] = standing.first if standing else None
        record["rank_last"] = standing.last if standing else None
        record["mean_name"] = row.mean_name
        record["mean_tasks"] = " ".join(row.mean_tasks)
        record["remarks"] = "; ".join(f"{task}: {cell.status}" for task, cell in cells if cell.status != "scored")
        record["banner"] = "; ".join(section.banners)
        records.append(record)
    return pd.DataFrame(records)


def result_frame(groups: Sequence[Evidence]) -> pd.DataFrame:
    """Return one row a (run, task, model, seed, split, metric)."""
    rows = [row for group in groups for row in _result_rows(group)]
    return _integers(
        pd.DataFrame(rows, columns=list(RESULT_COLUMNS))
    ).drop_duplicates()  # one run may stand in two sets


def _result_rows(evidence: Evidence) -> list[dict[str, Any]]:
    return [
        {"run": stored.label, **_of_result(result), "split": split, "metric": metric, "value": value}
        | {"in_score": metric in result.headline, "num_examples": result.data.num_examples.get(split)}
        | {"predict_seconds": result.timings.predict_seconds.get(split) if result.timings else None}
        for label, stored in evidence.models.items()
        for task in evidence.tasks
        for result in evidence.results.get((task, label), ())
        for split, metric_values in result.scores.items()
        for metric, value in metric_values.items()
    ]


def _of_result(result: Result) -> dict[str, Any]:
    """Return what a result says of itself as a whole."""
    data, timings, machine = result.data, result.timings, result.machine
    return {
        **{name: getattr(result, name) for name in ("task", "seed", "score", "task_version", "key", "fingerprint")},
        "model": result.model.name,
        "num_parameters": result.model.num_parameters,
        "num_trainable_parameters": result.model.num_trainable_parameters,
        "missing_splits": " ".join(data.missing_splits),
        "data_kind": data.kind,
        "data_note": data.note,
        "data_fingerprint": data.fingerprint,
        "limit_train": data.limit_train,
        "limit_evaluation": data.limit_evaluation,
        **{name: getattr(timings, name, None) for name in TIMES},
        "peak_memory_bytes": result.peak_memory_bytes,
        "trial_memory_bytes": result.trial_memory_bytes,
        **{name: getattr(machine, name, None) for name in ("device", "processor", "num_cores", "num_threads")},
        "created": result.created,
    }


def cost_frame(groups: Sequence[Evidence]) -> pd.DataFrame:
    """Return one row a (run, task, model, batch size): what it costs to train and to ask.

    Of training, it is the mean over seeds, and of both peaks of memory the maximum. A pair whose speed was not
    measured has one row, without batch size and speed.
    """
    rows = [
        {"run": stored.label, "task": task, **_of_pair(results, group.speeds.get((task, label))), **speed}
        for group in groups
        for label, stored in group.models.items()
        for task in group.tasks
        if (results := group.results.get((task, label)))
        for speed in _of_speed(group.speeds.get((task, label)))
    ]
    return _integers(pd.DataFrame(rows, columns=list(COST_COLUMNS))).drop_duplicates()


def _of_pair(results: Sequence[Result], speed: Speed | None) -> dict[str, Any]:
    data = results[0].data
    return {
        "model": results[0].model.name,
        "num_parameters": results[0].model.num_parameters,
        "num_trainable_parameters": results[0].model.num_trainable_parameters,
        "fit_seconds": mean_of_known(result.timings.fit_seconds if result.timings else None for result in results),
        "fit_core_seconds": mean_of_known(result.fit_core_seconds for result in results),
        "peak_memory_bytes": max(known(result.peak_memory_bytes for result in results), default=None),
        "trial_memory_bytes": max(known(result.trial_memory_bytes for result in results), default=None),
        "training_flops_per_example": mean_of_known(result.training_flops_per_example for result in results),
        "training_fraction_of_peak": mean_of_known(map(speed.training_fraction_of_peak, results)) if speed else None,
        "data_kind": data.kind,
        "limit_train": data.limit_train,
        "limit_evaluation": data.limit_evaluation,
    }


def _of_speed(speed: Speed | None) -> list[dict[str, Any]]:
    """Return a row a batch size, or one empty row."""
    if speed is None:
        return [{}]
    everywhere: dict[str, Any] = {
        **{f"latency_{name}_seconds": value for name, value in speed.latency_quantiles.items()},
        **{name: getattr(speed, name) for name in ("noise", "load_average", "tokenisation", "split")},
        **{name: getattr(speed, name) for name in ("precision", "peak_flops_per_second")},
        "inference_flops_per_example": speed.flops_per_example,
        **{name: getattr(speed.machine, name) for name in ("device", "processor", "num_threads")},
    }
    fractions = speed.fraction_of_peak
    return [
        {
            **everywhere,
            "batch_size": size,
            "examples_per_second": rate,
            "inference_fraction_of_peak": fractions.get(size),
        }
        for size, rate in sorted(speed.examples_per_second.items())
    ]


def _integers(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep whole numbers whole where some are missing, so that a limit of 100 is not written as 100.0."""
    names = [name for name in COUNTS if name in frame]
    return frame.astype(dict.fromkeys(names, "Int64"))
