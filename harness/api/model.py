"""Models: :class:`ModelSpec`, a frozen value without weights, builds a :class:`Model`, which has them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from harness.api.attribution import Attribution
from harness.api.encoding import Coverage
from harness.api.example import Example, Prediction
from harness.api.identity import UNKEYED, keyed
from harness.api.method import Method
from harness.api.output import Output
from harness.api.recipe import Recipe
from harness.api.task import Task
from harness.errors import UsageError
from harness.system.cores import Cores


@dataclass(frozen=True, kw_only=True)
class History:
    """What happened in training: the loss of each optimizer step, and whatever a reader should know (``notes``).

    ``seconds_before`` is the wall time that earlier, interrupted calls of ``fit`` spent on it, which tells a trial that
    was resumed, and ``borrowed_before`` what other cores than the trial's own did for it meanwhile. The last three say
    how close to the machine's limit it was; ``None`` where that is not known.
    """

    losses: tuple[float, ...] = ()
    learning_rates: tuple[float, ...] = ()
    evaluations: tuple[tuple[int, float], ...] = ()
    """What was measured in training, each after so many steps: the score of ``FitSession.validation``, or of a
    pretraining the loss on held-out text."""
    epochs: float = 0.0
    notes: tuple[str, ...] = ()
    seconds_before: float = 0.0
    borrowed_before: float = 0.0
    precision: str | None = None
    """The type of its matrix products, ``float32`` or ``bfloat16``."""
    core_seconds: float | None = field(default=None, compare=False)
    """Time of the optimizer steps and their checkpoints, each once, summed over the cores that took part."""
    flops_per_example: float | None = None
    """Operations of learning once from an example, forward and backward, padding excluded: the mean over examples."""
    evaluation_seconds: float = field(default=0.0, compare=False)
    """Wall time that the evaluations took, of earlier calls of ``fit`` too; no part of ``core_seconds``."""


def _ignore(_step: int, _steps: int) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Examples to be predicted while a training goes on, and how predictions of them are scored.

    The score is in percent; it is ``None`` where the metrics give no number.
    """

    examples: Sequence[Example]
    score: Callable[[Sequence[Prediction]], float | None]


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a training begins: the file with the encoder's weights after another task's, of which ``train`` are the
    examples if the model's vocabulary is made from those."""

    weights: Path
    train: Sequence[Example] = ()


@dataclass(frozen=True, kw_only=True)
class FitSession:
    """What a trial lends to ``fit``: a file to keep checkpoints in, and somebody to tell of each step done.

    ``cache`` is a folder, shared with other trials, for what a model makes of examples before it computes; in ``fit``
    and in each ``predict`` after it. ``cores`` are those of the run, likewise. No prediction may depend on either.
    """

    checkpoint: Path | None = None
    cache: Path | None = None
    cores: Cores = field(default_factory=Cores)
    checkpoint_seconds: float = 60.0
    validation: Validation | None = None
    """To be scored after each epoch by a model that is trained so; no prediction may depend on it."""
    on_step: Callable[[int, int], None] = _ignore
    start: Start | None = None
    """Another training to begin with the encoder of; only for a model that says so (``ModelSpec.shares_encoder``)."""
    weights: Path | None = None
    """A file to write the trained encoder to, for other trainings to begin with; likewise."""


class Model(Protocol):
    """A live model. ``fit`` is called once, then ``predict`` any number of times."""

    @property
    def num_parameters(self) -> int:
        """How many numbers it has learnt; 0 before ``fit``."""

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        """Learn from labelled examples, going on from ``session.checkpoint`` where that file is there."""

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Answer each example, in order."""


@runtime_checkable
class CountsFlops(Protocol):
    """A model that can tell how much arithmetic its predictions take; a report sets it against the machine's limit."""

    @property
    def precision(self) -> str:
        """The type of its matrix products, ``float32`` or ``bfloat16``."""

    def flops_per_example(self, examples: Sequence[Example]) -> float | None:
        """Return the operations of answering an example, padding excluded, the mean; ``None`` where not countable."""


@runtime_checkable
class CountsTrained(Protocol):
    """A model that can tell how many of its numbers were trained."""

    @property
    def num_trainable_parameters(self) -> int:
        """How many of ``num_parameters`` training could change; 0 before ``fit``."""


@runtime_checkable
class KeepsAdapter(Protocol):
    """A model of which so little was trained that it is kept with the results."""

    @property
    def adapter(self) -> Mapping[str, bytes]:
        """Files by name; none where it is trained whole."""


@runtime_checkable
class MeasuresCoverage(Protocol):
    """A model that can tell how much of the texts it read; a report says it where that is not nearly all."""

    @property
    def coverage(self) -> Coverage | None:
        """Of the examples that the last call of ``fit`` or ``predict`` was about; ``None`` where it is not known."""


@runtime_checkable
class NotesPredictions(Protocol):
    """A model that learns something worth a note as it predicts; a report shows it beside the notes of training."""

    @property
    def prediction_notes(self) -> tuple[str, ...]:
        """What a reader should know of all predictions so far."""


@runtime_checkable
class Explains(Protocol):
    """A model that can tell which words its predictions rest on; a report shows it for a handful of examples."""

    def explain(self, examples: Sequence[Example]) -> list[Attribution]:
        """Return why it predicts as it does on each example, in order; nothing at all where it cannot tell.

        What ``predict`` gives afterwards is what it would have given before.
        """


Head = Literal["fresh", "keep"]
"""Whether training begins with a fresh head, or with the one that a checkpoint was trained with."""


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A model's hyperparameters. Subclass it as a frozen dataclass: a trial's identity has each field, but for these.

    ``title`` says in a few words what the model is. ``recipe`` is how it is trained, ``None`` where nothing is by
    gradient; ``recipes`` are other ones for some kinds of answer: ``{Extraction: recipe.having(max_length=384)}``.
    ``version`` is raised by whoever changes what ``build`` gives.
    """

    preload: ClassVar[tuple[str, ...]] = ()
    """Modules that each trial needs and that are slow to import: the engine imports them once for all."""
    outputs: ClassVar[tuple[type[Output], ...]] = ()
    """The kinds of answer that it can give; of a kind that is not listed it claims nothing."""
    learns_vocabulary: ClassVar[bool] = False
    """Whether its tokenizer is made from the training examples."""

    name: str
    title: str = field(default="", metadata=UNKEYED)
    version: int = 1
    head: Head = "fresh"
    method: Method | None = None
    """How it comes to predict, where ``NAME+METHOD`` asks for another way than its own."""
    start_from: str = ""
    """The task whose training those tasks begin with the encoder of that say so (``Task.starts_from``)."""
    recipe: Recipe | None = field(default=None, metadata=UNKEYED)
    recipes: Mapping[type[Output], Recipe] = field(default_factory=dict, metadata=UNKEYED)

    def supports(self, output: Output) -> bool:
        """Return whether this model can give answers of this kind."""
        return type(output) in self.outputs

    @property
    def needs_training_split(self) -> bool:
        """Whether it learns from a training split where the kind of answer does not ask for one."""
        return False

    @property
    def shares_encoder(self) -> bool:
        """Whether its training on one task can begin with its encoder as trained on another one."""
        return False

    def reason_against(self, output: Output) -> str:
        """Return why it cannot give answers of this kind, where that does not go without saying; else nothing."""
        return ""

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        """Return a model for ``task``, not yet fitted, whose every random choice follows from ``seed``."""
        raise NotImplementedError

    def keeping_head(self, tasks: Sequence[Task]) -> "ModelSpec":
        """Return the model that begins training with its checkpoint's own head.

        Raises:
            UsageError: it has none, or not one for each of the tasks.
        """
        raise UsageError(
            f"--head keep: {self.name} has no trained head; leave out --head, or name checkpoints that have one."
        )

    def starting_from(self, task: str) -> "ModelSpec":
        """Return the model that begins training, on the tasks that say so, with its encoder as trained on ``task``.

        It has another name, as its scores are those of another way of training.
        """
        return replace(self, name=f"{self.name} from {task}", start_from=task)

    def with_method(self, method: Method) -> "ModelSpec":
        """Return the same model predicting in another way, and named so.

        Raises:
            UsageError: it has no such way.
        """
        raise UsageError(f"{self.name}+{method}: {self.name} is no checkpoint; leave out +{method}, or name one.")

    def recipe_for(self, task: Task) -> Recipe:
        """Return the recipe for the task's kind of answer."""
        return self.recipes.get(type(task.output), self.recipe or Recipe())

    def identity(self) -> Mapping[str, Any]:
        """Return all that can change this model's predictions, as plain JSON values, beside its recipe."""
        return {"class": type(self).__qualname__, **keyed(self)}

    def operations_per_word(self) -> float:
        """Return roughly how many operations learning from one word takes; only estimates of time rest on it."""
        return 0.0


@dataclass(frozen=True, kw_only=True)
class ModelFamily:
    """Models too many to list, such as every checkpoint: ``resolve(name)`` gives the spec, or ``None`` if not ours."""

    name: str
    title: str
    resolve: Callable[[str], ModelSpec | None]
