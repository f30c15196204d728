"""What a check says, and where it gets its examples."""

from harness.api.limits import Limits
from harness.api.task import Task
from harness.data.loading import TaskData, load
from harness.data.source import Source
from harness.errors import HarnessError


class ConformanceError(AssertionError):
    """A task or a model that does not keep its side of the bargain."""


def require(holds: bool, otherwise: str) -> None:
    """Raise a :class:`ConformanceError` unless something holds."""
    if not holds:
        raise ConformanceError(otherwise)


def own_source(task: Task) -> Source:
    """Return the source that needs no network: the folder that the task brings, or its sample."""
    if task.folder is not None and task.folder.root is not None:
        return Source(kind="folder", root=task.folder.root)
    require(
        task.sample is not None,
        f"task {task.name!r} brings no data of its own; expected a folder with a root, a sample, or source=.",
    )
    return Source(kind="sample")


def load_examples(task: Task, source: Source, limits: Limits | None = None) -> TaskData:
    """Return the examples of a task; what is wrong with them is said as a :class:`ConformanceError`."""
    try:
        return load(task, source, limits)
    except HarnessError as error:
        raise ConformanceError(str(error)) from error
