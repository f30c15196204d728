"""A Hugging Face model card: front matter with a ``model-index``, as ``huggingface_hub`` has it, and a body.

The values in the front matter are fractions of 1, as ``evaluate``'s metrics of these names give them. ``verified`` is
the hub's own word and never stands there.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from harness.markup import escape_markdown, fenced, markdown_table, one_line
from harness.store.records import Result
from reports.analysis.notes import interval_note
from reports.evidence import banners
from reports.evidence.results import Evidence
from reports.exports.metric_values import DATASETS, MetricValue, model_results
from reports.text.numbers import interval_text, known, metric_name, unit_names

METRICS = {"matthews": "matthews_correlation", "pearson": "pearsonr", "spearman": "spearmanr", "exact": "exact_match"}
"""The hub's names of our metric values, where they differ."""
HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


def model_card(evidence: Evidence, label: str, values: Sequence[MetricValue]) -> str:
    """Return the ``README.md`` of one model."""
    return f"---\n{_front_matter(evidence, label, values)}\n---\n\n{_body(evidence, label, values)}"


def _front_matter(evidence: Evidence, label: str, values: Sequence[MetricValue]) -> str:
    from huggingface_hub import ModelCardData

    real = [DATASETS[value.task][0] for value in values if value.task in DATASETS and not value.is_sample]
    data = ModelCardData(
        language="en",
        base_model=_base_model(evidence, label),
        datasets=list(dict.fromkeys(real)) or None,
        metrics=list(dict.fromkeys(METRICS.get(value.name, value.name) for value in values)),
        tags=list(dict.fromkeys(value.hub_task[0] for value in values)),
        model_name=one_line(label) or "model",
        eval_results=[_eval_result(value) for value in values],
    )
    return data.to_yaml(line_break="\n")


def _base_model(evidence: Evidence, label: str) -> str | None:
    """Return the name on the hub of the checkpoint that it was trained from."""
    checkpoint = str(model_results(evidence, label)[0].model.identity.get("checkpoint", ""))
    name, _, commit = checkpoint.partition("@")
    return name if commit and HUB_NAME.fullmatch(name) else None


def _eval_result(value: MetricValue) -> Any:
    from huggingface_hub import EvalResult

    dataset, config = DATASETS.get(value.task, (one_line(value.task), None))
    name = value.title
    if value.is_sample:
        dataset, config, name = (
            "generated-sample",
            one_line(value.task),
            f"generated sample in the form of {name}",
        )
    limited = [remark for remark in value.remarks if remark.startswith("limited")]
    return EvalResult(
        task_type=value.hub_task[0],
        task_name=value.hub_task[1],
        dataset_type=dataset,
        dataset_name="; ".join((name, *limited)),
        dataset_config=config,
        dataset_split=value.split,
        dataset_args={
            "fingerprint": value.result.data.fingerprint,
            "limit_train": value.limits[0],
            "limit_evaluation": value.limits[1],
        },
        metric_type=METRICS.get(value.name, value.name),
        metric_name=_metric_name(value),
        metric_value=round(value.estimate.value / value.scale, 6),
    )


def _metric_name(value: MetricValue) -> str:
    estimate = value.estimate
    seeds = f"mean over {estimate.num_seeds} seeds" if estimate.num_seeds > 1 else "one seed"
    low, high = estimate.low / value.scale, estimate.high / value.scale
    interval = f", 95 % interval {low:.3f} to {high:.3f}" if value.has_interval else ""
    return f"{one_line(metric_name(value.name))} ({seeds}{interval})"


def _body(evidence: Evidence, label: str, values: Sequence[MetricValue]) -> str:
    results = model_results(evidence, label)
    first = results[0]
    parts = [
        f"# {escape_markdown(label)}",
        *(f"> **{escape_markdown(banner)}**" for banner in _banners(values)),
        escape_markdown(" ".join(filter(None, _about(results)))),
        "## Scores",
        _scores(values),
        escape_markdown(_meaning(values)),
        "## Data",
        "\n".join(f"- {escape_markdown(note)}" for note in _data_notes(evidence, label)),
        "## Submission" if first.submission else "## Training",
        fenced(_settings(evidence, label)),
        "## To make it again",
        fenced(evidence.models[label].info.commands or ["the run does not say with which command it was made"]),
        escape_markdown(_where(first)),
    ]
    return "\n\n".join(parts) + "\n"


def _about(results: Sequence[Result]) -> list[str]:
    """Return what the model is, in sentences."""
    title, sizes = one_line(results[0].model.title), known(result.model.num_parameters for result in results)
    origin = (
        "It was trained on each task apart, from the same start; this card reports metric values, and holds no weights."
    )
    if results[0].submission:
        origin = "Only its predictions are known; this card reports metric values, and holds no weights."
    return [
        f"{title[0].upper()}{title[1:]}." if title else "",
        f"{' to '.join(f'{n:,}' for n in dict.fromkeys((min(sizes), max(sizes))))} parameters." if sizes else "",
        origin,
    ]


def _where(result: Result) -> str:
    """Return what it was made with, and on what."""
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    machine = f", on {result.machine.device} ({result.machine.processor})" if result.machine else ""
    return f"With {versions}{machine}."


def _banners(values: Sequence[MetricValue]) -> list[str]:
    """Return what is not the real benchmark about the metric values, and which tasks it concerns where not all."""
    tasks: dict[str, dict[str, None]] = {}
    for value in values:
        for remark in value.remarks:
            text = banners.SAMPLE if remark == "generated sample" else remark
            tasks.setdefault(text, {})[value.title] = None
    everything = len({value.title for value in values})
    return [
        remark if len(titles) == everything else f"{remark}: {', '.join(titles)}" for remark, titles in tasks.items()
    ]


def _scores(values: Sequence[MetricValue]) -> str:
    rows = []
    for value in values:
        estimate = value.estimate
        shown = interval_text(estimate)
        texts = [value.title, value.split, metric_name(value.name)]
        rows.append([*map(escape_markdown, texts), escape_markdown(shown), str(estimate.num_seeds),
                     f"{value.num_examples:,}"])  # fmt: skip
    units = unit_names(value.result.unit for value in values)
    head = ["task", "split", "metric", units, "seeds", "examples"]
    return markdown_table(head, rows, num_texts=3)


def _meaning(values: Sequence[MetricValue]) -> str:
    units = unit_names(value.result.unit for value in values)
    if any(value.has_interval for value in values):
        num_seeds = max(value.estimate.num_seeds for value in values)
        return f"Means over the seeds, in {units} [95 % interval]. {interval_note(num_seeds)}"
    return f"Means over the seeds, in {units}. No interval is known."


def _data_notes(evidence: Evidence, label: str) -> list[str]:
    notes = []
    for result in model_results(evidence, label):
        data = result.data
        missing = f"; without {', '.join(data.missing_splits)}" if data.missing_splits else ""
        counts = ", ".join(f"{split} {count:,}" for split, count in data.num_examples.items())
        notes.append(
            f"{evidence.task_title(result.task)}: {data.note} ({data.kind}); {counts}{missing}; "
            f"fingerprint {data.fingerprint[:12]}"
        )
    return list(dict.fromkeys(notes))


def _settings(evidence: Evidence, label: str) -> list[str]:
    """Return what the model is and how it was trained, a line each."""
    records = {result.task: result.model for result in model_results(evidence, label)}
    first = next(iter(records.values()))
    own = {task: record.task_settings for task, record in records.items() if record.task_settings}
    varying = {name for settings in own.values() for name in settings}
    shared = {name: value for name, value in (first.recipe or {}).items() if name not in varying}
    content: dict[str, Any] = {
        "identity": first.identity,
        "recipe": shared if first.recipe else None,
        "settings by task": own,
        "seeds": sorted({result.seed for result in model_results(evidence, label)}),
    }
    return [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in content.items() if value]
