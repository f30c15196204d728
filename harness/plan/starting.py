"""Trainings that begin with the encoder of another task's: ``--start-from``.

Which tasks begin so, their own values say (``Task.starts_from``), so that a name such as "minilm from mnli" means one
thing in every run.
"""

from collections.abc import Mapping, Sequence

from harness.api.model import ModelSpec
from harness.api.model_name import MAX_LENGTH, is_name
from harness.api.task import Suite, Task
from harness.errors import UsageError
from harness.outputs import kind_of
from harness.plan.asking import supports


def starts_from(task: Task, start: Task) -> bool:
    """Return whether a training on a task begins with the encoder of one on ``start``, if a model is asked to.

    Both are classified, or spans are found in both: an encoder has no pooler for those, and reads longer texts.
    """
    are_alike = kind_of(task.output).logits == kind_of(start.output).logits
    return start.name in task.starts_from and start.name != task.name and are_alike


def with_start(tasks: Sequence[Task], start: Task, suite: Suite | None, known: Mapping[str, Task]) -> list[Task]:
    """Return the tasks and, in a suite's order or before them, the one that some of them begin with.

    Raises:
        UsageError: none of them begins with it, or it is none of the suite's.
    """
    if suite and start.name not in suite.tasks:
        raise UsageError(f"--start-from {start.name}: is not in suite {suite.name!r} ({', '.join(suite.tasks)}).")
    if not any(starts_from(task, start) for task in tasks):
        can = ", ".join(name for name, task in known.items() if starts_from(task, start))
        raise UsageError(
            f"--start-from {start.name}: none of the tasks asked for ({', '.join(task.name for task in tasks)}) starts "
            f"from it; {f'those that do: {can}' if can else 'no task does: Task.starts_from would say so'}."
        )
    if start in tasks:
        return list(tasks)
    together = [start, *tasks]
    return sorted(together, key=lambda task: suite.tasks.index(task.name)) if suite else together


def starting_models(models: Sequence[ModelSpec], tasks: Sequence[Task], start: Task) -> dict[str, ModelSpec]:
    """Return the models by their names before; those that can begin with an encoder have another name now.

    Raises:
        UsageError: none can, or one would be called as another one is, or by what is no name.
    """
    found = {
        model.name: model.starting_from(start.name) if _can_start(model, tasks, start) else model for model in models
    }
    if not any(model.start_from for model in found.values()):
        raise UsageError(
            f"--start-from {start.name}: no model asked for ({', '.join(found)}) can; expected a checkpoint that is "
            f"fine-tuned, transformer-* or bilstm, with a head for {start.name} and for what starts from it."
        )
    names = [model.name for model in found.values()]
    for name in names:
        if names.count(name) > 1 or not is_name(name):
            what = "is the name of two models" if is_name(name) else "is no name"
            raise UsageError(
                f"--start-from {start.name}: {name[:MAX_LENGTH]!r} {what}; name one with --model NAME=MODEL."
            )
    return found


def _can_start(model: ModelSpec, tasks: Sequence[Task], start: Task) -> bool:
    followers = (task for task in tasks if starts_from(task, start))
    return (
        model.shares_encoder
        and supports(model, start.output)
        and any(supports(model, task.output) for task in followers)
    )
