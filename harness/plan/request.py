"""From what a person asks to a run: :func:`prepare` makes the plan and the folder, :func:`perform` does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.api.limits import Limits
from harness.api.model import Head, ModelSpec
from harness.api.task import Suite, Task
from harness.catalog import Catalog
from harness.data.source import Source
from harness.errors import UsageError
from harness.plan.asking import check_identity, supports
from harness.plan.plan import Plan, make_plan
from harness.plan.prompting import check_prompts
from harness.plan.run_source import run_source
from harness.plan.starting import starting_models, with_start
from harness.store.run import Run
from harness.store.run_info import RunInfo
from harness.system.devices import resolve_device
from harness.system.environment import now


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for. Without ``models``, every model that can be had here and does one of the tasks.

    ``tasks`` narrow down the suite.
    """

    suite: str | None
    tasks: tuple[str, ...]
    models: tuple[str, ...]
    seeds: tuple[int, ...]
    data: str
    limits: Limits
    device: str
    out: Path | None
    command: str
    head: Head = "fresh"
    start_from: str | None = None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A run about to go on. ``left_out`` are models that cannot be had here, with the reason.

    ``info`` is what this request asks for, which is added to what the run's folder was asked for before.
    """

    plan: Plan
    run: Run
    info: RunInfo
    device: str
    model_names: dict[str, str]
    left_out: dict[str, str]


def prepare(request: Request, catalog: Catalog) -> Prepared:
    """Return the plan for a request, and the run folder with what it holds already; writes nothing.

    Raises:
        HarnessError: a name, a folder or a combination of them that cannot be.
    """
    suite = catalog.suite(request.suite) if request.suite else None
    tasks = _tasks(suite, request.tasks, catalog)
    start = catalog.task(request.start_from) if request.start_from else None
    if start:
        if request.head == "keep":
            raise UsageError("--head keep and --start-from do not go together, as a head fits one task; give one.")
        tasks = with_start(tasks, start, suite, catalog.tasks)
    models, names, left_out = _models(request.models, catalog)
    if not request.models:
        models = [model for model in models if any(supports(model, task.output) for task in tasks)]
    if request.head == "keep":
        models = [model.keeping_head([task for task in tasks if supports(model, task.output)]) for model in models]
    if start:
        started = starting_models(models, tasks, start)
        models = list(started.values())
        names = {spec.name: names.get(name, name) for name, spec in started.items()}
    device = resolve_device(request.device)
    run = Run(request.out or Path("runs") / (suite.name if suite else "-".join(task.name for task in tasks)))
    source = run_source(request.data, run, tasks, catalog)
    plan = make_plan(tasks, models, seeds=request.seeds, limits=request.limits, source=source, device=device)
    check_prompts(plan, run)
    info = _info(request, suite, tasks, plan, source)
    return Prepared(plan=plan, run=run, info=info, device=device, model_names=names, left_out=left_out)


def _tasks(suite: Suite | None, names: Sequence[str], catalog: Catalog) -> list[Task]:
    if suite is None:
        if not names:
            raise UsageError(f"nothing to run: give --suite ({', '.join(sorted(catalog.suites))}) or --task.")
        return list({task.name: task for task in map(catalog.task, names)}.values())
    asked = {catalog.task(name).name: name for name in names}
    if outside := [typed for name, typed in asked.items() if name not in suite.tasks]:
        raise UsageError(
            f"--task {outside[0]} is not in suite {suite.name!r} ({', '.join(suite.tasks)})"
            "; leave out --suite or the task."
        )
    return [catalog.task(name) for name in suite.tasks if not asked or name in asked]


def _models(names: Sequence[str], catalog: Catalog) -> tuple[list[ModelSpec], dict[str, str], dict[str, str]]:
    """Return the models, what each was asked for as, and those left out with the reason."""
    if names:
        asked = {name: catalog.model(name) for name in dict.fromkeys(names)}
        by_name: dict[str, str] = {}
        specs: list[ModelSpec] = []
        for name, spec in asked.items():
            if spec in specs:
                continue  # spelled in two ways
            if spec.name in by_name:
                raise UsageError(
                    f"--model {by_name[spec.name]} and --model {name} are both called {spec.name!r}; give one of them "
                    f"another name: --model NAME={name.removeprefix(f'{spec.name}=')}."
                )
            by_name[spec.name] = name
            check_identity(spec)  # says at once what is missing
            specs.append(spec)
        return specs, by_name, {}
    models, left_out = [], {}
    for spec in catalog.models.values():
        try:
            check_identity(spec)
            models.append(spec)
        except UsageError as error:
            left_out[spec.name] = str(error)
    return models, {}, left_out


def _info(request: Request, suite: Suite | None, tasks: Sequence[Task], plan: Plan, source: Source) -> RunInfo:
    """Return what this request asks for, and nothing of what the run's folder was asked for before."""
    models = dict.fromkeys([*(trial.model.name for trial in plan.trials), *(model for _, model in plan.unsupported)])
    return RunInfo(
        suite=suite.name if suite else None,
        suite_title=suite.title if suite else ", ".join(task.title for task in tasks),
        score_name=suite.score_name if suite else "",
        suite_tasks=list(suite.tasks) if suite else [],
        tasks=[task.name for task in tasks],
        task_titles={task.name: task.title for task in tasks},
        models=list(models),
        num_seeds=len(request.seeds),
        source=str(source),
        source_note=source.note,
        is_sample="sample" in {source.kind_for(task) for task in tasks if task.name not in plan.absent},
        commands=[request.command],
        unsupported=list(plan.unsupported),
        unsupported_reasons=dict(plan.reasons),
        absent=dict(plan.absent),
        created=now(),
    )
