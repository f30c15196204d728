"""Tasks: :class:`Task`, a value and not a class to subclass, and :class:`Suite`, a named list of tasks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.api.data import FolderData, HubData, SampleData
from harness.api.example import Example
from harness.api.metric import Metric
from harness.api.output import Output
from harness.api.prompt import Prompt
from harness.api.submission import SubmissionFormat

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Task:
    """A set of examples, how a row of it is read, and how predictions are scored.

    ``read`` turns one row into an example; each row carries ``idx``, its position in its split from 0. ``metrics`` are
    :class:`~harness.api.metric.Metric` values, or ``"evaluate:NAME"``, or the path of a local ``evaluate`` script. The
    splits in ``scored`` are predicted and scored, those in ``predicted`` only predicted, and they alone may be without
    targets. ``leaves_out`` has the data set's own rules for rows that it does not count, by the reason, such as
    ``{"no gold label": lambda row: row["label"] == -1}``: such rows are left out of every split before ``idx`` is
    counted, and how many they are is said beside the scores. ``prompts`` put the task in words for models that are
    asked and not trained, the first by default; they are part of such a trial's identity alone. At least one of
    ``hub``, ``folder`` and ``sample`` says where rows come from. ``version`` is raised by whoever changes what ``read``
    returns, what is left out, or what ``metrics`` compute. ``starts_from`` names tasks whose trained encoder a training
    on this one gains from, as is published: ``run --start-from`` begins with it.
    """

    name: str
    title: str
    output: Output
    read: Callable[[Row], Example]
    metrics: tuple[Metric | str, ...]
    hub: HubData | None = None
    folder: FolderData | None = None
    sample: SampleData | None = None
    scored: tuple[str, ...] = ("validation",)
    predicted: tuple[str, ...] = ("test",)
    submission: SubmissionFormat | None = None
    leaves_out: Mapping[str, Callable[[Row], bool]] = field(default_factory=dict)
    prompts: tuple[Prompt, ...] = ()
    starts_from: tuple[str, ...] = ()
    version: int = 1
    citation: str = ""
    licence: str = ""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A named list of tasks. Its score is the mean of its tasks' scores.

    ``score_name`` is what that mean is called when every task is there whole and on the real data; anything less is
    called "mean of N tasks".
    """

    name: str
    title: str
    tasks: tuple[str, ...]
    score_name: str
