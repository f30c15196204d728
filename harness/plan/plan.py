"""From names to the grid: :class:`Plan` holds a run's trials, and what of them cannot be and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.api.asking import ReadsPrompts
from harness.api.limits import Limits
from harness.api.model import ModelSpec
from harness.api.task import Task
from harness.data.source import Source
from harness.errors import DataError, UsageError
from harness.plan.asking import is_trained, recipe_for, supports
from harness.plan.starting import starts_from
from harness.plan.trial import Trial
from harness.store.run_info import AskedPair
from harness.system.devices import resolve_precision


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The grid. ``unsupported`` are pairs (task, model) without such a kind of answer; ``absent`` are tasks whose data
    the source does not hold, with what is missing. ``reasons`` says of a model why, where its kind does not say it."""

    trials: tuple[Trial, ...]
    unsupported: tuple[tuple[str, str], ...]
    absent: dict[str, str]
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def pairs(self) -> tuple[Trial, ...]:
        """The first seed's trial of each pair: the one whose speed is measured."""
        first: dict[tuple[str, str], Trial] = {}
        for trial in self.trials:
            first.setdefault((trial.task.name, trial.model.name), trial)
        return tuple(first.values())

    @property
    def asked(self) -> list[AskedPair]:
        """What a run keeps of the plan: the keys of each pair's trials."""
        by_pair: dict[tuple[str, str], list[Trial]] = {}
        for trial in self.trials:
            by_pair.setdefault((trial.task.name, trial.model.name), []).append(trial)
        return [
            AskedPair(
                task=task, model=model, settings=trials[0].settings_fingerprint, keys=[trial.key for trial in trials]
            )
            for (task, model), trials in by_pair.items()
        ]

    def with_seeds(self, seeds: Mapping[tuple[str, str], Sequence[int]]) -> "Plan":
        """Return the plan with these seeds of these pairs (task, model), and nothing else of it."""
        firsts = {(trial.task.name, trial.model.name): trial for trial in self.pairs}
        trials = [firsts[pair].with_seed(seed) for pair in seeds for seed in seeds[pair]]
        return replace(self, trials=tuple(trials))


def make_trial(
    task: Task,
    model: ModelSpec,
    *,
    tasks: Mapping[str, Task],
    seed: int,
    limits: Limits,
    source: Source,
    device: str,
) -> Trial:
    """Return the trial of a task, with the one that it begins with where it does; that one's task is in ``tasks``."""

    def trial_on(task: Task, start: Trial | None) -> Trial:
        precision = resolve_precision(recipe_for(model, task).optimisation.precision, device)
        return Trial(task=task, model=model, seed=seed, limits=limits, source=source, precision=precision, start=start)

    first = tasks[model.start_from] if model.start_from else None
    return trial_on(task, trial_on(first, None) if first and starts_from(task, first) else None)


def make_plan(
    tasks: Sequence[Task],
    models: Sequence[ModelSpec],
    *,
    seeds: Sequence[int],
    limits: Limits,
    source: Source,
    device: str,
) -> Plan:
    """Return tasks x models x seeds.

    Raises:
        DataError: the source holds none of the tasks, or not the one that others start from.
        UsageError: no model can do any of them, and each says why.
    """
    absent = {task.name: reason for task in tasks if (reason := _reason_absent(task, source, models, len(tasks)))}
    present = [task for task in tasks if task.name not in absent]
    held = {task.name: task for task in present}
    if not present:
        raise DataError(f"--data {source}: holds none of the tasks asked for ({_listed(absent)}).")
    if start := next((model.start_from for model in models if model.start_from in absent), ""):
        raise DataError(f"--start-from {start}: --data {source} does not hold it ({absent[start]}).")
    unsupported = tuple(
        (task.name, model.name) for task in present for model in models if not _can_do(model, task, source)
    )
    reasons = {model.name: text for model in models if (text := _reasons_against(model, present, source))}
    if unsupported and len(unsupported) == len(present) * len(models) and len(reasons) == len(models):
        raise UsageError(f"--model {_listed(reasons)}.")
    trials = tuple(
        make_trial(task, model, tasks=held, seed=seed, limits=limits, source=source, device=device)
        for seed in seeds
        for task in present
        for model in models
        if (task.name, model.name) not in unsupported
    )
    return Plan(trials=trials, unsupported=unsupported, absent=absent, reasons=reasons)


def _listed(reasons: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in reasons.items())


def _reason_absent(task: Task, source: Source, models: Sequence[ModelSpec], num_tasks: int) -> str:
    """Return what of a task is missing; of several tasks one may have no data of such a kind at all."""
    try:
        return source.reason_absent(task, needs_training=all(is_trained(model, task) for model in models))
    except UsageError as error:
        if num_tasks == 1:
            raise
        return str(error).removesuffix(".")


def _can_do(model: ModelSpec, task: Task, source: Source) -> bool:
    return supports(model, task.output) and not _lack(model, task, source)


def _lack(model: ModelSpec, task: Task, source: Source) -> str:
    """Return what a task has not that a model needs which supports its kind of answer."""
    if isinstance(model, ReadsPrompts) and model.prompt_for(task) is None:
        return f"it is asked in words, and {task.name} has {_count(len(task.prompts))}"
    if (is_trained(model, task) or model.needs_training_split) and "train" not in source.splits(task):
        return f"it learns from a training split, of which {task.name} has none here"
    return ""


def _count(num_prompts: int) -> str:
    return f"only {num_prompts} wording{'s' * (num_prompts > 1)} for that" if num_prompts else "no prompts"


def _reasons_against(model: ModelSpec, tasks: Sequence[Task], source: Source) -> str:
    """Return why a model cannot do some of the tasks, each reason once; nothing where that goes without saying."""
    found = [
        model.reason_against(task.output) or _lack(model, task, source)
        for task in tasks
        if not _can_do(model, task, source) and (model.reason_against(task.output) or supports(model, task.output))
    ]
    return "; ".join(dict.fromkeys(found))
