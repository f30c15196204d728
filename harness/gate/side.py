"""The two sides of a gate: a run's folder and a reference file, as one value."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.api.example import Example
from harness.api.task import Task
from harness.errors import GateError, RunError
from harness.gate.packing import pack
from harness.gate.quality import Pair
from harness.gate.records import PairRecord, Reference, SeedRecord
from harness.gate.reference import read_reference
from harness.store.aligned import aligned_predictions, stored_examples
from harness.store.latest import Newest, read_newest
from harness.store.naming import mean_name_in_run
from harness.store.records import DataRecord, Result, Speed
from harness.store.run import Run
from harness.system.disclosure import published_command, published_message
from harness.system.environment import versions

Examples = Mapping[str, Sequence[Example]]
"""By split."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a gate."""

    path: Path
    reference: Reference
    examples: Mapping[str, Examples] = field(default_factory=dict)
    """By task; a reference file holds none."""
    unusable: Mapping[Pair, str] = field(default_factory=dict)
    """Pairs that should be there and cannot be judged, with the reason."""
    unavailable: Mapping[Pair, str] = field(default_factory=dict)
    """Pairs that cannot be there, with the reason: a task without rows, a model without such a kind of answer."""
    notes: tuple[str, ...] = ()

    @property
    def pairs(self) -> list[Pair]:
        """The pairs that are there, or should be."""
        return list(dict.fromkeys([*self.reference.by_pair, *self.unusable]))

    def keeping(self, seeds: Mapping[Pair, Collection[int]]) -> "Side":
        """Return the side with these pairs and seeds alone; a pair of which none is there is left out."""
        kept = [
            record.model_copy(update={"seeds": [seed for seed in record.seeds if seed.seed in seeds[record.pair]]})
            for record in self.reference.pairs
            if record.pair in seeds
        ]
        pairs = [record for record in kept if record.seeds]
        unusable = {pair: reason for pair, reason in self.unusable.items() if pair in seeds}
        return replace(self, reference=self.reference.model_copy(update={"pairs": pairs}), unusable=unusable)


def open_side(path: Path, tasks: Mapping[str, Task]) -> Side:
    """Return what lies at a path, a run's folder or a reference file.

    Raises:
        HarnessError: it is neither, cannot be read, or holds no results.
    """
    if path.is_dir():
        return side_of_run(Run.open(path), tasks)
    return Side(path=path, reference=read_reference(path))


def side_of_run(run: Run, tasks: Mapping[str, Task]) -> Side:
    """Return what a run holds, each pair's predictions packed; ``tasks`` say how they are scored.

    Raises:
        HarnessError: a record cannot be read, a score is not a number, or there is no result and no failure.
    """
    newest = read_newest(run)
    scored = [result for result in newest.results if result.scores]
    failed = {(f.task, f.model): f for f in newest.failures if f.kind == "trial"}
    if not scored and not failed:
        raise GateError(f"{run.folder}: holds no results; expected a run that is done, at least in part.")
    for result in scored:
        if not math.isfinite(result.score):
            raise GateError(f"{run.folder}: {result.key}: its score is {result.score}; expected a finite number.")
    by_pair: dict[Pair, list[Result]] = {}
    for result in sorted(scored, key=lambda result: result.seed):
        by_pair.setdefault((result.task, result.model.name), []).append(result)
    examples = {task: stored_examples([(run, r) for r in scored if r.task == task]) for task, _ in by_pair}
    unusable = {pair: f"seed {failure.seed} failed: {failure.account}" for pair, failure in failed.items()}
    records = []
    for pair in _ordered(by_pair, newest):
        try:
            records.append(_record(run, by_pair[pair], newest, (tasks.get(pair[0]), examples[pair[0]])))
        except (GateError, RunError) as error:
            unusable.setdefault(pair, str(error))
    info = newest.info
    unsupported = dict.fromkeys(info.unsupported, "the model has no such kind of answer")
    absent = {(task, model): reason for task, reason in info.absent.items() for model in info.models}
    return Side(
        path=run.folder,
        reference=_reference(newest, [record for record in records if record.pair not in unusable]),
        examples=examples,
        unusable=unusable,
        unavailable=unsupported | absent,
        notes=tuple(
            f"{task} × {model}: results of other data, settings or content of the model are left out: {count}."
            for (task, model), count in newest.replaced.items()
        ),
    )


def _ordered(pairs: Collection[Pair], newest: Newest) -> list[Pair]:
    """Return pairs in the order in which the run was asked for them, by model and then by task."""
    models = [*newest.info.models, *sorted({model for _, model in pairs} - set(newest.info.models))]
    tasks = [*newest.info.tasks, *sorted({task for task, _ in pairs} - set(newest.info.tasks))]
    return [(task, model) for model in models for task in tasks if (task, model) in pairs]


def _reference(newest: Newest, records: list[PairRecord]) -> Reference:
    last = max(newest.results, key=lambda result: result.created, default=None)
    info = newest.info
    data: dict[str, list[DataRecord]] = {}
    for record in records:
        data.setdefault(record.task, []).append(record.data)
    return Reference(
        harness=versions().get("harness", "unknown"),
        created=last.created if last else info.created,
        commit=last.commit if last else None,
        suite=info.suite,
        score_name=mean_name_in_run(info, data),
        source_note=published_message(info.source_note),
        is_sample=info.is_sample,
        tasks=list(dict.fromkeys([*info.tasks, *(record.task for record in records)])),
        task_titles=info.task_titles,
        pairs=records,
    )


def _record(run: Run, results: Sequence[Result], newest: Newest, about: tuple[Task | None, Examples]) -> PairRecord:
    """Return the record of one pair.

    Raises:
        GateError: its predictions cannot be packed, or nobody knows how they are scored.
        RunError: its predictions cannot be read.
    """
    (task, examples), first = about, results[0]
    if task is None:
        raise GateError("how it is scored is not known here; name its file with --plugin.")
    if task.version != first.task_version:
        raise GateError(f"made with version {first.task_version} of the task, which is {task.version} here.")
    if not examples:
        raise GateError("the run does not hold its questions (made by an earlier version?); run it again.")
    keys = {result.key for result in results}
    speeds = [speed for speed in newest.speeds if speed.trial_key in keys]
    on_one_machine = [result for result in results if result.machine == first.machine]
    return PairRecord(
        task=first.task,
        task_version=first.task_version,
        model=first.model.model_copy(update={"title": published_command(first.model.title)}),
        output=first.output,
        headline=first.headline,
        data=first.data.model_copy(update={"note": published_message(first.data.note)}),
        seeds=[_seed(run, result, task, examples) for result in results],
        speed=_lean(speeds[-1]) if speeds else None,
        machine=first.machine,
        peak_memory_bytes=[r.peak_memory_bytes for r in on_one_machine if r.peak_memory_bytes is not None],
        trial_memory_bytes=[r.trial_memory_bytes for r in on_one_machine if r.trial_memory_bytes is not None],
        versions=first.versions,
    )


def _lean(speed: Speed) -> Speed:
    """Return a measurement as a reference file has it: to the nanosecond, and single examples once."""
    batches = {size: samples for size, samples in speed.batch_seconds.items() if size > 1}
    return speed.model_copy(
        update={
            "latency_seconds": _rounded(speed.latency_seconds),
            "batch_seconds": {size: _rounded(samples) for size, samples in batches.items()},
            "workload_seconds": {name: _rounded(samples) for name, samples in speed.workload_seconds.items()},
        }
    )


def _rounded(seconds: Sequence[float]) -> list[float]:
    return [round(value, 9) for value in seconds]


def _seed(run: Run, result: Result, task: Task, examples: Examples) -> SeedRecord:
    packed = {}
    for split, rows in examples.items():
        predictions = aligned_predictions(run, result, split, rows).predictions
        packed[split] = pack(result.output, predictions, rows, metrics=task.metrics, headline=result.headline)
    return SeedRecord(
        seed=result.seed,
        fingerprint=result.fingerprint,
        score=result.score,
        scores={split: {name: values[name] for name in result.headline} for split, values in result.scores.items()},
        answers=packed,
    )
