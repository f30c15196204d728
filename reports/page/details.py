"""The tables of the page beside the comparison: costs, settings, data, failures; ``None`` where one has no rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.store.records import ModelRecord
from reports.evidence.results import Evidence, StoredRun
from reports.text.table import Table, table

GIB = 2**30


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
    """Return the data: a row a task and source."""
    rows: dict[tuple[str, ...], None] = {}
    for result in sorted(evidence.every_result, key=lambda result: evidence.tasks.index(result.task)):
        record = result.data
        counts = ", ".join(f"{split} {count:,}" for split, count in record.num_examples.items())
        missing = ", ".join(record.missing_splits)
        texts = (evidence.task_title(result.task), record.kind, counts, missing, record.fingerprint[:12])
        rows[texts] = None
    head = ["task", "source", "examples", "missing splits", "fingerprint"]
    return table("Data", head, rows, num_texts=len(head))


def failures(evidence: Evidence, folder: Path) -> Table | None:
    """Return what failed, and where each one's traceback lies, as seen from ``folder``."""
    rows = [
        (
            label,
            evidence.task_title(task),
            str(failure.seed),
            failure.account,
            _place(evidence.models[label], failure.key, folder),
        )
        for (task, label), found in evidence.failures.items()
        for failure in found
    ]
    head = ["model", "task", "seed", "what happened", "traceback"]
    return table("What failed", head, rows, num_texts=len(head))


def _place(stored: StoredRun, key: str, folder: Path) -> str:
    """Return where a traceback lies: as seen from a page in the run's folder, and else within the run's folder."""
    path, report = Path("trials", key, "failure.json"), folder.resolve()
    if report.is_relative_to(stored.folder.resolve()):
        depth = len(report.relative_to(stored.folder.resolve()).parts)
        return Path(*[".."] * depth, path).as_posix()
    return (Path(stored.label) / path).as_posix()


def unsupported(evidence: Evidence) -> list[str]:
    """Return the pairs that make no sense, a sentence a model."""
    lines = []
    for label in evidence.models:
        tasks = [evidence.task_title(task) for task in evidence.tasks if (task, label) in evidence.unsupported]
        if tasks:
            lines.append(f"{label} does not support {', '.join(tasks)}.")
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
