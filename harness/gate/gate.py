"""The gate: a run against a reference, pair by pair, put together into one report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.api.spelling import spelled
from harness.api.task import Task
from harness.errors import GateError, UsageError, did_you_mean
from harness.gate.cost import judge_costs
from harness.gate.earlier_names import advice, earlier_name
from harness.gate.pairing import Pairing, pair_up
from harness.gate.quality import Pair, judge
from harness.gate.records import PairRecord, Reference
from harness.gate.side import Side, open_side, side_of_run
from harness.gate.verdicts import Finding, GateReport
from harness.store.naming import reason_without_mean
from harness.store.run import Run


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is tolerated, and what is judged."""

    margin: float = 1.0
    """The loss of quality that is tolerated, in points."""
    cost_margin: float = 0.1
    """The growth of cost that is tolerated, as a fraction."""
    alpha: float = 0.05
    strict: bool = False
    """Whether *cannot tell* fails too."""
    models: tuple[str, ...] = ()
    """Only these of the reference's; all if empty."""
    tasks: tuple[str, ...] = ()
    quality_only: bool = False


def gate(run: Run, reference: Path, options: Options, tasks: Mapping[str, Task]) -> GateReport:
    """Return all findings on a run against a reference, which is a run's folder or a file made by `reference`.

    ``tasks`` say how predictions are scored.

    Raises:
        HarnessError: a run or a reference that cannot be read, or with nothing in it to judge.
    """
    before, after = open_side(reference, tasks), side_of_run(run, tasks)
    return gate_sides(before, after, options, tasks)


def gate_sides(reference: Side, run: Side, options: Options, tasks: Mapping[str, Task]) -> GateReport:
    """Return all findings on one side against another; see :func:`gate`."""
    options = _as_known(reference, options)
    wanted = wanted_pairs(reference, options)
    pairing = pair_up(reference, run, tasks, wanted)
    records = {pair: (reference.reference.by_pair[pair], run.reference.by_pair[pair]) for pair in pairing.pairs}
    quality = judge(pairing.pairs, margin=options.margin, alpha=options.alpha)
    costs = () if options.quality_only else judge_costs(records, margin=options.cost_margin, alpha=options.alpha)
    return GateReport(
        run=str(run.path),
        reference=str(reference.path),
        alpha=options.alpha,
        strict=options.strict,
        findings=(*_ordered(quality, pairing, wanted), *costs),
        notes=tuple(_notes(reference, run, options, records)),
        run_commit=run.reference.commit,
        reference_commit=reference.reference.commit,
        versions=_versions(records),
    )


def wanted_pairs(reference: Side, options: Options) -> list[Pair]:
    """Return the pairs of a side that are asked for.

    Raises:
        UsageError: a model or a task that it has not.
        GateError: it has none of these.
    """
    pairs = reference.pairs
    for option, names, part in (("--task", options.tasks, 0), ("--model", options.models, 1)):
        known = list(dict.fromkeys(pair[part] for pair in pairs))
        if unknown := [name for name in names if name not in known]:
            raise UsageError(
                f"{option} {unknown[0]}: {reference.path} has none; it has: {', '.join(known)}."
                f"{advice(earlier_name(unknown[0], known)) or did_you_mean(unknown[0], known)}"
            )
    wanted = [
        (task, model)
        for task, model in pairs
        if (not options.tasks or task in options.tasks) and (not options.models or model in options.models)
    ]
    if not wanted:
        raise GateError(f"{reference.path}: nothing to judge by; expected at least one pair of these tasks and models.")
    return wanted


def make_reference(
    run: Run, models: tuple[str, ...], wanted_tasks: tuple[str, ...], tasks: Mapping[str, Task]
) -> Reference:
    """Return what later runs are judged by, to be written as a reference file: all of a run, or these models and tasks.

    Raises:
        HarnessError: the run cannot be read, or nothing can be judged by a pair that was asked for.
    """
    side = side_of_run(run, tasks)
    wanted = wanted_pairs(side, _as_known(side, Options(models=models, tasks=wanted_tasks)))
    if refused := pair_up(side, side, tasks, wanted).refused:
        first = refused[0]
        raise GateError(
            f"{run.folder}: {first.task} × {first.model}: {first.reason} "
            "Mend it, or leave it out with --task and --model."
        )
    return side.reference.model_copy(update={"pairs": [side.reference.by_pair[pair] for pair in wanted]})


def _as_known(side: Side, options: Options) -> Options:
    """Return options with the names that a side has, however they were typed."""
    tasks = list(dict.fromkeys(task for task, _ in side.pairs))
    models = list(dict.fromkeys(model for _, model in side.pairs))
    titles = side.reference.task_titles
    return replace(
        options,
        tasks=tuple(spelled(name, tasks, titles) for name in options.tasks),
        models=tuple(spelled(name, models) for name in options.models),
    )


def _ordered(quality: Sequence[Finding], pairing: Pairing, wanted: Sequence[Pair]) -> list[Finding]:
    """Return findings on quality by model, in the reference's order of pairs, the mean last."""
    ranks = {pair: rank for rank, pair in enumerate(wanted)}
    models = {model: rank for rank, (_, model) in reversed(list(enumerate(wanted)))}

    def rank_of(finding: Finding) -> tuple[int, int]:
        last = len(ranks)
        return models[finding.model], last if finding.task is None else ranks[finding.task, finding.model]

    return sorted([*quality, *pairing.refused], key=rank_of)


def _notes(
    reference: Side, run: Side, options: Options, records: Mapping[Pair, tuple[PairRecord, PairRecord]]
) -> Iterator[str]:
    if run.reference.is_sample:
        yield "The data are the generated sample, not the real benchmark."
    yield from (f"Reference: {note}" for note in reference.notes)
    yield from (f"Run: {note}" for note in run.notes)
    told: dict[str, list[str]] = {}
    for (task, model), (before, after) in records.items():
        if after.data.limit_evaluation is not None:
            told.setdefault(f"scored on {after.data.limit_evaluation} examples at most", []).append(f"{task} × {model}")
        if changes := list(_changes(before, after)):
            told.setdefault(f"changed in {'; '.join(changes)}", []).append(f"{task} × {model}")
    yield from (f"{', '.join(pairs)}: {note}." for note, pairs in told.items())
    for model in dict.fromkeys(model for _, model in records):
        data = {task: [after.data] for (task, name), (_, after) in records.items() if name == model}
        if reason := reason_without_mean(data):
            yield f"{model}: {reason}"
    known = {*reference.reference.by_pair, *reference.unusable}
    for task, model in run.reference.by_pair:
        is_asked = task in (options.tasks or (task,)) and model in (options.models or (model,))
        if is_asked and (task, model) not in known:
            yield f"{task} × {model}: new, without a reference; `python -m harness reference` makes one with it."


def _changes(before: PairRecord, after: PairRecord) -> Iterator[str]:
    """Yield the options in which a pair is not what it was."""
    limits = (before.data.limit_train, after.data.limit_train)
    if limits[0] != limits[1]:
        yield f"training rows ({limits[0] or 'all'} to {limits[1] or 'all'})"
    parts = ((before.model.identity, after.model.identity), (before.model.recipe or {}, after.model.recipe or {}))
    for old, new in parts:
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                yield f"{name} ({_shown(old.get(name))} to {_shown(new.get(name))})"


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _versions(records: Mapping[Pair, tuple[PairRecord, PairRecord]]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for before, after in records.values():
        for name in dict.fromkeys([*before.versions, *after.versions]):
            old, new = before.versions.get(name, "absent"), after.versions.get(name, "absent")
            if old != new:
                found.setdefault(name, (old, new))
    return found
