"""The tables of the page beside the comparison: every figure by split, costs, settings, data, failures.

Each function returns Markdown, escaped; an empty string means that there is nothing to show.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from harness.results import ModelRecord, Result, Speed
from reports.comparison import Cell
from reports.evidence import Evidence
from reports.markup import escape_markdown, markdown_table
from reports.tables import cell_text, digits, figure_name, known, mean_of_known

GIB = 2**30


def scores_of_task(evidence: Evidence, task: str) -> str:
    """Return every figure of every split of one task, a row a model."""
    found = {label: results for label in evidence.models if (results := evidence.results.get((task, label)))}
    splits: dict[str, dict[str, None]] = {}
    for result in (result for results in found.values() for result in results):
        for split, figures in result.scores.items():
            splits.setdefault(split, {}).update(dict.fromkeys(figures))
    names = [(split, figure) for split, figures in splits.items() for figure in figures]
    head = ["model", *(escape_markdown(f"{split}: {figure_name(figure)}") for split, figure in names)]
    rows = (
        [escape_markdown(label), *(_figure(results, split, figure) for split, figure in names)]
        for label, results in found.items()
    )
    return markdown_table(head, rows) if found else ""


def _figure(results: Sequence[Result], split: str, figure: str) -> str:
    values = tuple(r.scores[split][figure] for r in results if figure in r.scores.get(split, {}))
    cell = Cell(status="scored" if values else "not asked", values=values)
    return cell_text(cell, num_seeds=len(results))


def costs(evidence: Evidence) -> str:
    """Return what each model costs: medians over its tasks, the largest memory and noise."""
    head = ["model", "parameters", "training, core s", "peak memory, GiB", "latency p50, ms", "p90, ms", "p99, ms"]
    head += ["best throughput, examples/s", "noise, %", "tasks trained / timed"]
    rows = (_cost_row(evidence, label) for label in evidence.models)
    shown = [row for row in rows if row]
    return markdown_table(head, shown) if shown else ""


def _cost_row(evidence: Evidence, label: str) -> list[str]:
    by_task = [evidence.results.get((task, label), ()) for task in evidence.tasks]
    everything = [result for results in by_task for result in results]
    trained = known(mean_of_known(result.fit_core_seconds for result in results) for results in by_task)
    if not trained:
        return []
    speeds = [speed for task in evidence.tasks if (speed := evidence.speeds.get((task, label)))]
    return [
        escape_markdown(label),
        _span(known(result.model.num_parameters for result in everything)),
        digits(median(trained)),
        f"{max(known(result.peak_memory_bytes for result in everything)) / GIB:,.2f}",
        *(_speed_cells(speeds) if speeds else [""] * 5),
        f"{len(trained)} / {len(speeds)}",
    ]


def _speed_cells(speeds: Sequence[Speed]) -> list[str]:
    quantiles = [speed.latency_quantiles for speed in speeds]
    rates = [max(speed.examples_per_second.items(), key=lambda item: item[1]) for speed in speeds]
    sizes = _span([size for size, _ in rates])
    return [
        *(digits(1e3 * median(found[name] for found in quantiles)) for name in ("p50", "p90", "p99")),
        f"{median(rate for _, rate in rates):,.0f} (batch {sizes})",
        f"{100 * max(speed.noise for speed in speeds):.1f}",
    ]


def _span(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def limits(evidence: Evidence) -> str:
    """Return how much arithmetic each model takes, and the share of the machine's limit reached: medians over tasks."""
    head = ["model", "precision", "threads", "peak, GFLOP/s", "training, GFLOP an example", "share of peak, %"]
    head += ["answering, GFLOP an example", "share of peak, %", "tasks trained / timed"]
    rows = [row for label in evidence.models if (row := _limit_row(evidence, label))]
    return markdown_table(head, rows, num_texts=2) if rows else ""


def _limit_row(evidence: Evidence, label: str) -> list[str]:
    pairs = [(evidence.results.get((task, label), ()), evidence.speeds.get((task, label))) for task in evidence.tasks]
    trained = [mean_of_known(result.training_flops_per_example for result in results) for results, _ in pairs]
    shares = [mean_of_known(map(speed.training_share, results)) for results, speed in pairs if speed]
    timed = [speed for _, speed in pairs if speed and speed.share_of_peak]
    num_trained = len(trained) - trained.count(None)
    if not num_trained and not timed:
        return []
    return [
        escape_markdown(label),
        ", ".join(sorted({str(speed.precision) for speed in timed})),
        _span([speed.machine.num_threads for speed in timed]) if timed else "",
        _median((speed.peak_flops_per_second for speed in timed), unit=1e9),
        _median(trained, unit=1e9),
        _median(shares, unit=0.01),
        _median((speed.flops_per_example for speed in timed), unit=1e9),
        _median((max(speed.share_of_peak.values()) for speed in timed), unit=0.01),
        f"{num_trained} / {len(timed)}",
    ]


def _median(values: Iterable[float | None], *, unit: float) -> str:
    found = known(values)
    return digits(median(found) / unit) if found else ""


def settings(evidence: Evidence) -> str:
    """Return each model's recipe, and what differs from it by task, as a list."""
    lines = []
    for label in evidence.models:
        records = {task: found[0].model for task in evidence.tasks if (found := evidence.results.get((task, label)))}
        if records:
            title = next(iter(records.values())).title
            about = f", {escape_markdown(title)}" if title else ""
            lines.append(f"- **{escape_markdown(label)}**{about}: {_recipe(records)}")
            lines += [f"  - {escape_markdown(evidence.task_title(t))}: {_pairs(r.task_settings)}"
                      for t, r in records.items() if r.task_settings]  # fmt: skip
    return "\n".join(lines)


def _recipe(records: Mapping[str, ModelRecord]) -> str:
    """Return the settings that are no task's own; where they differ all the same, all values."""
    values: dict[str, list[Any]] = {}
    for record in records.values():
        for name, value in {**record.identity, **(record.recipe or {})}.items():
            if name not in {"name", *record.task_settings} and value not in values.get(name, []):
                values.setdefault(name, []).append(value)
    return _pairs(
        {name: found[0] if len(found) == 1 else " or ".join(map(str, found)) for name, found in values.items()}
    )


def _pairs(values: Mapping[str, Any]) -> str:
    texts = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in values.items()}
    return escape_markdown(", ".join(f"{name.replace('_', ' ')} {text}" for name, text in texts.items()))


def training_notes(evidence: Evidence) -> str:
    """Return what a reader should know of single trainings, such as batches halved for want of memory."""
    labels = {result.key: label for (_, label), results in evidence.results.items() for result in results}
    notes: dict[str, list[str]] = {}
    for result in evidence.every_result:
        for note in result.history.notes if result.history else ():
            where = f"{labels[result.key]} on {evidence.task_title(result.task)}, seed {result.seed}"
            notes.setdefault(note, []).append(where)
    return "\n".join(f"- {escape_markdown(note)}: {escape_markdown('; '.join(where))}" for note, where in notes.items())


def data(evidence: Evidence) -> str:
    """Return what was asked: a row a task and source."""
    rows: dict[tuple[str, ...], None] = {}
    for result in sorted(evidence.every_result, key=lambda result: evidence.tasks.index(result.task)):
        record = result.data
        counts = ", ".join(f"{split} {count:,}" for split, count in record.num_examples.items())
        missing = ", ".join(record.missing_splits)
        texts = (evidence.task_title(result.task), record.kind, counts, missing, record.fingerprint[:12])
        rows[tuple(map(escape_markdown, texts))] = None
    head = ["task", "source", "examples", "missing splits", "fingerprint"]
    return markdown_table(head, rows, num_texts=len(head)) if rows else ""


def failures(evidence: Evidence, folder: Path) -> str:
    """Return what failed, and where each one's traceback lies, as seen from ``folder``."""
    rows = []
    for (task, label), found in evidence.failures.items():
        for failure in found:
            path = evidence.models[label].folder / "trials" / failure.key / "failure.json"
            texts = (label, evidence.task_title(task), str(failure.seed), failure.account)
            where = Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
            rows.append([*map(escape_markdown, texts), escape_markdown(where)])
    return markdown_table(["model", "task", "seed", "what happened", "traceback"], rows, num_texts=5) if rows else ""


def unsupported(evidence: Evidence) -> str:
    """Return the pairs that make no sense, a line a model."""
    by_model: dict[str, list[str]] = {}
    for label in evidence.models:
        tasks = [evidence.task_title(task) for task in evidence.tasks if (task, label) in evidence.unsupported]
        if tasks:
            by_model[label] = tasks
    return "\n".join(
        f"- {escape_markdown(label)} has no answers of the kind that {escape_markdown(', '.join(tasks))} "
        f"ask{'s' if len(tasks) == 1 else ''} for."
        for label, tasks in by_model.items()
    )


def machines(evidence: Evidence) -> str:
    """Return where it was computed, and with what, each once."""
    found = evidence.every_result
    machines = [r.machine for r in found if r.machine] + [speed.machine for speed in evidence.speeds.values()]
    texts = [
        f"{m.device} on {m.processor}, cores: {m.num_cores}, threads: {m.num_threads}, "
        f"{m.memory_bytes / GIB:,.0f} GiB, {m.system}"
        for m in dict.fromkeys(machines)
    ]
    versions = dict.fromkeys(", ".join(f"{name} {version}" for name, version in r.versions.items()) for r in found)
    return "\n".join(f"- {escape_markdown(text)}" for text in (*texts, *versions))
