"""The tables of the page beside the comparison: costs, settings, data, failures; ``None`` where one has no rows."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from harness.results import ModelRecord, Speed
from reports.evidence import Evidence
from reports.tables import digits, known, mean_of_known
from reports.tabular import Table, table

GIB = 2**30


def costs(evidence: Evidence) -> Table | None:
    """Return what each model costs: medians over its tasks, the largest memory and noise."""
    head = ["model", "parameters, M", "training, core s", "peak memory, GiB", "latency p50, ms", "p90, ms", "p99, ms"]
    head += ["best throughput, examples/s", "noise, %", "tasks trained / timed"]
    rows = (_cost_row(evidence, label) for label in evidence.models)
    return table("Medians over tasks; of memory and noise the largest", head, filter(None, rows))


def _cost_row(evidence: Evidence, label: str) -> list[str]:
    by_task = [evidence.results.get((task, label), ()) for task in evidence.tasks]
    everything = [result for results in by_task for result in results]
    trained = known(mean_of_known(result.fit_core_seconds for result in results) for results in by_task)
    if not trained:
        return []
    speeds = [speed for task in evidence.tasks if (speed := evidence.speeds.get((task, label)))]
    return [
        label,
        _millions(known(result.model.num_parameters for result in everything)),
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


def _millions(values: Sequence[int]) -> str:
    """Return counts in millions, as one where they read the same: tasks differ in the few weights of their heads."""
    texts = [digits(value / 1e6) if value >= 1e3 else "<0.001" if value else "0" for value in sorted(values)]
    return texts[0] if texts[0] == texts[-1] else f"{texts[0]}–{texts[-1]}"


def _span(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def limits(evidence: Evidence) -> Table | None:
    """Return how much arithmetic each model takes, and the share of the machine's limit reached: medians over tasks."""
    head = ["model", "precision", "threads", "peak, GFLOP/s", "training, GFLOP an example", "share of peak, %"]
    head += ["answering, GFLOP an example", "share of peak, %", "tasks trained / timed"]
    rows = (_limit_row(evidence, label) for label in evidence.models)
    return table("Arithmetic, and the share of the limit that is reached", head, filter(None, rows), num_texts=2)


def _limit_row(evidence: Evidence, label: str) -> list[str]:
    pairs = [(evidence.results.get((task, label), ()), evidence.speeds.get((task, label))) for task in evidence.tasks]
    trained = [mean_of_known(result.training_flops_per_example for result in results) for results, _ in pairs]
    shares = [mean_of_known(map(speed.training_share, results)) for results, speed in pairs if speed]
    timed = [speed for _, speed in pairs if speed and speed.share_of_peak]
    num_trained = len(trained) - trained.count(None)
    if not num_trained and not timed:
        return []
    return [
        label,
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


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One model's recipe, and what differs from it by task: pairs of a task's title and its settings."""

    title: str
    recipe: str
    by_task: tuple[tuple[str, str], ...]


def settings(evidence: Evidence, label: str) -> Settings | None:
    """Return a model's settings; ``None`` while it has no result."""
    records = {task: found[0].model for task in evidence.tasks if (found := evidence.results.get((task, label)))}
    if not records:
        return None
    own = ((evidence.task_title(task), _pairs(r.task_settings)) for task, r in records.items() if r.task_settings)
    return Settings(title=next(iter(records.values())).title, recipe=_recipe(records), by_task=tuple(own))


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
    return ", ".join(f"{name.replace('_', ' ')} {text}" for name, text in texts.items())


def training_notes(evidence: Evidence, label: str) -> list[str]:
    """Return what a reader should know of a model's trainings, such as batches halved for want of memory."""
    notes: dict[str, list[str]] = {}
    for task in evidence.tasks:
        for result in evidence.results.get((task, label), ()):
            for note in result.history.notes if result.history else ():
                notes.setdefault(note, []).append(f"{evidence.task_title(task)}, seed {result.seed}")
    return [f"{note}: {'; '.join(where)}" for note, where in notes.items()]


def data(evidence: Evidence) -> Table | None:
    """Return what was asked: a row a task and source."""
    rows: dict[tuple[str, ...], None] = {}
    for result in sorted(evidence.every_result, key=lambda result: evidence.tasks.index(result.task)):
        record = result.data
        counts = ", ".join(f"{split} {count:,}" for split, count in record.num_examples.items())
        missing = ", ".join(record.missing_splits)
        texts = (evidence.task_title(result.task), record.kind, counts, missing, record.fingerprint[:12])
        rows[texts] = None
    head = ["task", "source", "examples", "missing splits", "fingerprint"]
    return table("What was asked", head, rows, num_texts=len(head))


def failures(evidence: Evidence, folder: Path) -> Table | None:
    """Return what failed, and where each one's traceback lies, as seen from ``folder``."""
    rows = []
    for (task, label), found in evidence.failures.items():
        for failure in found:
            path = evidence.models[label].folder / "trials" / failure.key / "failure.json"
            where = Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
            rows.append((label, evidence.task_title(task), str(failure.seed), failure.account, where))
    head = ["model", "task", "seed", "what happened", "traceback"]
    return table("What failed", head, rows, num_texts=len(head))


def unsupported(evidence: Evidence) -> list[str]:
    """Return the pairs that make no sense, a sentence a model."""
    lines = []
    for label in evidence.models:
        tasks = [evidence.task_title(task) for task in evidence.tasks if (task, label) in evidence.unsupported]
        if tasks:
            asks = f"ask{'s' if len(tasks) == 1 else ''}"
            lines.append(f"{label} has no answers of the kind that {', '.join(tasks)} {asks} for.")
    return lines


def machines(evidence: Evidence) -> list[str]:
    """Return where it was computed, each machine once."""
    trained = (result.machine for result in evidence.every_result if result.machine)
    found = [*trained, *(speed.machine for speed in evidence.speeds.values())]
    return [
        f"{m.device} on {m.processor}, cores: {m.num_cores}, threads: {m.num_threads}, "
        f"{m.memory_bytes / GIB:,.0f} GiB, {m.system}"
        for m in dict.fromkeys(found)
    ]


def versions(evidence: Evidence) -> list[str]:
    """Return what it was computed with, each set of versions once."""
    texts = (", ".join(f"{name} {version}" for name, version in r.versions.items()) for r in evidence.every_result)
    return list(dict.fromkeys(texts))
