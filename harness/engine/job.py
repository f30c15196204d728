"""A trial as an engine gets it: :class:`Job`, of which any process makes the same :class:`Trial` again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.api.limits import Limits
from harness.api.model import Head
from harness.catalog import Catalog
from harness.data.source import Source
from harness.engine.options import Options
from harness.errors import RunError
from harness.plan.plan import make_trial
from harness.plan.trial import Trial
from harness.store.run import Run
from harness.store.upkeep import needs_weights


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker is to do: a trial, or the measurement of its model's speed.

    It can be pickled: task and model go by name, the model by the one it was asked for, and each process finds them
    again in its own catalog. What must come out the same there goes along: ``key``, ``precision`` and
    ``data_fingerprint``. ``num_cores`` are those that the run's jobs on one host share.
    """

    kind: Literal["trial", "speed"]
    folder: Path
    key: str
    task: str
    model: str
    asked_model: str
    seed: int
    limits: Limits
    source: Source
    data_fingerprint: str
    precision: str
    device: str
    num_threads: int
    num_cores: int
    plugins: tuple[str, ...]
    keep_checkpoint: bool = False
    head: Head = "fresh"
    start_from: str = ""
    start: str | None = None
    """The key of the trial that this one begins with the encoder of: it is to be done before."""

    @property
    def is_start(self) -> bool:
        """Whether others begin with the encoder of this one."""
        return self.task == self.start_from

    @property
    def label(self) -> str:
        """What a person calls it; no other job of its stage is called so."""
        return f"{self.task} × {self.model} · seed {self.seed}"

    def is_done(self) -> bool:
        """Return whether what it is to save is there."""
        run = Run(self.folder)
        if self.kind == "speed":
            return run.is_measured(self.key)
        kept = not self.is_start or run.has_weights(self.key) or not needs_weights(run, self.model)
        return kept and run.is_done(self.key)

    def trial(self, catalog: Catalog) -> Trial:
        """Return the trial that was planned, made again.

        Raises:
            RunError: it would be another one here, as the data, the device, the task or the model is another.
        """
        task, model = catalog.task(self.task), catalog.model(self.asked_model)
        model = model.keeping_head([task]) if self.head == "keep" else model
        model = model.starting_from(self.start_from) if self.start_from else model
        trial = make_trial(
            task, model, tasks=catalog.tasks, seed=self.seed, limits=self.limits, source=self.source, device=self.device
        )
        if (found := self.source.fingerprint(task)) != self.data_fingerprint:
            raise self._changed(f"the data of task {self.task!r} is", found, self.data_fingerprint)
        if trial.precision != self.precision:
            raise self._changed(f"the precision on {self.device} is", trial.precision, self.precision)
        if trial.key != self.key:
            raise self._changed("the task or the model is", trial.key, self.key)
        return trial

    @staticmethod
    def _changed(what: str, found: str, planned: str) -> RunError:
        return RunError(f"{what} not what was planned (found {found}, planned {planned}); give the same command again.")


def make_job(kind: Literal["trial", "speed"], trial: Trial, run: Run, options: Options, *, keep: bool = False) -> Job:
    """Return the job that does a trial, or measures its model's speed; ``keep`` the checkpoint for the measurement."""
    return Job(
        kind=kind,
        folder=run.folder.absolute(),  # a model may leave the working directory, or remove it
        key=trial.key,
        task=trial.task.name,
        model=trial.model.name,
        asked_model=options.model_names.get(trial.model.name, trial.model.name),
        seed=trial.seed,
        limits=trial.limits,
        source=trial.source,
        data_fingerprint=trial.source.fingerprint(trial.task),
        precision=trial.precision,
        device=options.device,
        num_threads=options.num_threads,
        num_cores=options.num_workers,
        plugins=tuple(str(Path(file).absolute()) for file in options.plugins),
        keep_checkpoint=keep,
        head=trial.model.head,
        start_from=trial.model.start_from,
        start=trial.start.key if trial.start else None,
    )
