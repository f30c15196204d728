"""Tasks of coin tosses, and models that know the answer so often: results in milliseconds, the true score known."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import (
    ACCURACY,
    Classification,
    Example,
    FitSession,
    History,
    Model,
    ModelSpec,
    Output,
    Prediction,
    Recipe,
    SampleData,
    Task,
)
from harness.api.limits import Limits
from harness.catalog import Catalog
from harness.engine.context import Context
from harness.engine.execution import run_trial
from harness.plan.plan import Plan
from harness.plan.request import Prepared, Request, prepare
from harness.plan.trial import Trial
from harness.store.machine import describe_machine
from harness.store.records import Failure, Speed
from harness.system.cores import Cores


def rows(split: str, seed: int) -> list[dict[str, object]]:
    chance = random.Random(f"{split} {seed}")
    return [{"label": chance.randrange(2)} for _ in range(300 if split == "validation" else 2)]


def tossing(name: str) -> Task:
    return Task(
        name=name,
        title=name,
        output=Classification(labels=("heads", "tails")),
        read=lambda row: Example(id=str(row["idx"]), text=f"toss {row['idx']}", target=row["label"]),
        metrics=(ACCURACY,),
        sample=SampleData(splits=("train", "validation"), generate=rows, version=1),
        predicted=(),
    )


TASKS = {name: tossing(name) for name in ("coins", "dice")}


@dataclass(frozen=True, kw_only=True)
class GuesserSpec(ModelSpec):
    """Knows this share of the answers, with some luck by seed; on each task as ``skills`` says, else 80 %."""

    skills: tuple[tuple[str, float], ...] = ()
    luck: float = 0.01
    unlucky: tuple[int, ...] = ()
    """Seeds that are far worse than the rest."""

    def supports(self, output: Output) -> bool:
        return isinstance(output, Classification)

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        skill = dict(self.skills).get(task.name, 0.8) - (0.2 if seed in self.unlucky else 0.0)
        chance = random.Random(f"{self.skills} {task.name} {seed}")
        return Guesser(skill + self.luck * chance.gauss(0, 1), chance)


class Guesser:
    num_parameters = 0

    def __init__(self, skill: float, chance: random.Random) -> None:
        self._skill, self._chance = skill, chance

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        return History()

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        """Know an answer, the easy ones always; the hard ones lie where the skill of a seed ends."""
        answers = []
        for index, example in enumerate(examples):
            knows = (index + 0.5) / len(examples) + self._chance.gauss(0, 0.02) < self._skill
            answers.append(Prediction(value=example.target if knows else 1 - example.target))
        return answers


GUESSER = GuesserSpec(name="guesser", recipe=Recipe())


def prepared_run(folder: Path, spec: GuesserSpec = GUESSER, *, num_seeds: int = 2) -> Prepared:
    request = Request(
        suite=None, tasks=tuple(TASKS), models=(spec.name,), seeds=tuple(range(num_seeds)), data="sample",
        limits=Limits(), device="cpu", out=folder, command="run",
    )  # fmt: skip
    return prepare(request, Catalog(tasks=TASKS, models={spec.name: spec}))


class Performing:
    """Does in this process what a plan lacks, and remembers what that was."""

    def __init__(self, prepared: Prepared) -> None:
        self._run = prepared.run
        self._run.save_info(prepared.info)
        self.stages: list[str] = []
        self.done: list[tuple[str, int]] = []
        self.failing: set[tuple[str, int]] = set()
        self.left = 1_000
        """Trials before an interruption."""

    def __call__(self, plan: Plan, stage: str) -> None:
        self.stages.append(stage)
        context = Context(run=self._run, device="cpu", num_threads=1, cores=Cores())
        for trial in plan.trials:
            if self._run.is_done(trial.key):
                continue
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            if (trial.task.name, trial.seed) in self.failing:
                self._run.save_failure(make_failure(trial))
                continue
            run_trial(trial, context, keep_checkpoint=False)
            self.done.append((trial.task.name, trial.seed))


class Timing(Performing):
    """The same, and times each pair of a plan as an engine would, by samples made up: a millisecond times a factor."""

    slow_seeds: frozenset[int] = frozenset()
    """Answers of these take twice as long."""

    def __call__(self, plan: Plan, stage: str) -> None:
        super().__call__(plan, stage)
        for trial in plan.pairs:
            if not self._run.is_measured(trial.key):
                factor = 2.0 if trial.seed in self.slow_seeds else 1.0
                self._run.save_speed(trial.key, made_up_speed(trial, factor))


def made_up_speed(trial: Trial, factor: float) -> Speed:
    chance = random.Random(trial.seed)
    samples = [1e-3 * factor * chance.uniform(0.97, 1.03) for _ in range(30)]
    return Speed(
        task=trial.task.name, model=trial.model.name, trial_key=trial.key, split="validation",
        latency_seconds=samples, batch_seconds={8: [8 * sample for sample in samples]}, noise=0.0, load_average=None,
        machine=describe_machine("cpu", 1), created=f"2026-01-01T00:00:{trial.seed:02}+00:00",
    )  # fmt: skip


def make_failure(trial: Trial) -> Failure:
    return Failure(
        key=trial.key, task=trial.task.name, model=trial.model.name, seed=trial.seed, message="planted", traceback="",
        created="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
