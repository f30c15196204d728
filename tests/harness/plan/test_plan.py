"""From names to the grid: what is in it, what cannot be and why, and how long it is thought to take."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from baselines.ngrams import NGRAM
from harness import (
    Classification,
    Extraction,
    FolderData,
    HubData,
    Model,
    ModelSpec,
    Optimisation,
    Output,
    Recipe,
    SampleData,
    Task,
)
from harness.api.limits import Limits
from harness.data.source import Source, open_source
from harness.errors import DataError, UsageError
from harness.plan.estimate import FLOOR_OPERATIONS, ROUGH_RATE, Estimator
from harness.plan.plan import Plan, make_plan
from harness.store.run import Run
from tasks.blimp import BLIMP
from tasks.language_modelling import TEXT
from tests.fakes import synthetic
from tests.fakes.toy import TOY, TOY_TOO

SAMPLE = Source(kind="sample")


@dataclass(frozen=True, kw_only=True)
class Spec(ModelSpec):
    """A model that is never built; fitting it takes ``cost`` operations a word."""

    cost: float = 0.0
    answers: type = Classification

    def supports(self, output: Output) -> bool:
        return isinstance(output, self.answers)

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        raise NotImplementedError

    def identity(self) -> dict[str, Any]:
        return {"name": self.name}

    def operations_per_word(self) -> float:
        return self.cost


LABELS, SPANS = Spec(name="labels"), Spec(name="spans", answers=Extraction)


def plan(*tasks: Task, models: tuple[ModelSpec, ...] = (LABELS,), source: Source = SAMPLE, **changes: Any) -> Plan:
    asked = {"seeds": (0,), "limits": Limits(), "device": "cpu"} | changes
    return make_plan(tasks, models, source=source, **asked)


def test_the_grid_is_tasks_by_models_by_seeds() -> None:
    other = replace(LABELS, name="other")
    made = plan(TOY, TOY_TOO, models=(LABELS, other), seeds=(0, 1), limits=Limits(train=5))
    cells = [(trial.seed, trial.task.name, trial.model.name) for trial in made.trials]
    pairs = [("toy", "labels"), ("toy", "other"), ("toy-too", "labels"), ("toy-too", "other")]
    assert cells == [(seed, *pair) for seed in (0, 1) for pair in pairs]
    assert {trial.limits for trial in made.trials} == {Limits(train=5)}
    assert [(trial.seed, trial.task.name, trial.model.name) for trial in made.pairs] == cells[:4]
    assert (made.unsupported, made.absent) == ((), {})


def test_a_pair_that_makes_no_sense_is_unsupported() -> None:
    spans = replace(TOY, name="spans-task", output=Extraction(unanswerable=True))
    made = plan(TOY, spans, models=(LABELS, SPANS))
    assert made.unsupported == (("toy", "spans"), ("spans-task", "labels"))
    assert [(trial.task.name, trial.model.name) for trial in made.trials] == [
        ("toy", "labels"),
        ("spans-task", "spans"),
    ]
    assert plan(TOY, models=(SPANS,)).trials == ()


@pytest.mark.parametrize(("setting", "expected"), [("auto", "float32"), ("bfloat16", "bfloat16")])
def test_the_precision_of_the_task_is_resolved(setting: str, expected: str) -> None:
    model = replace(
        LABELS,
        recipe=Recipe().having(precision="float32"),
        recipes={Classification: Recipe().having(precision=setting)},
    )
    (trial,) = plan(TOY, models=(model,), device="mps").trials
    assert trial.precision == expected


def folder_task(name: str) -> Task:
    files = {"train": "train.txt", "validation": "dev.txt", "extra": "extra.txt"}
    return replace(
        TOY, name=name, scored=("validation", "extra"), folder=FolderData(files=files, read=lambda _: [], child=name)
    )


def test_tasks_that_the_source_lacks_are_absent(tmp_path: Path) -> None:
    for name, files in {"whole": ["train", "dev"], "no-train": ["dev"], "no-dev": ["train"]}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / f"{file}.txt").write_text("")
    tasks = [folder_task(name) for name in ("whole", "no-train", "no-dev")]
    source = open_source(str(tmp_path))
    made = plan(*tasks, source=source)
    assert [trial.task.name for trial in made.trials] == ["whole"]
    assert made.absent == {
        "no-train": "no training split: expected train.txt, found dev.txt in no-train",
        "no-dev": "no validation or extra split: expected dev.txt or extra.txt, found train.txt in no-dev",
    }
    with pytest.raises(DataError) as error:
        plan(*tasks[1:], source=source)
    assert str(error.value) == (
        f"--data {tmp_path}: holds none of the tasks asked for "
        "(no-train: no training split: expected train.txt, found dev.txt in no-train; "
        "no-dev: no validation or extra split: expected dev.txt or extra.txt, found train.txt in no-dev)."
    )


def test_a_task_without_such_a_source_says_what_it_offers() -> None:
    both = replace(TOY, hub=HubData(name="owner/toy", revision="c0ffee", splits={}))
    with pytest.raises(UsageError, match="task 'toy' has no folder data; it offers: hub, sample"):
        plan(both, source=Source(kind="folder", root=Path()))


def test_of_several_tasks_one_may_have_no_such_source() -> None:
    elsewhere = replace(TOY, name="elsewhere", sample=None, hub=HubData(name="owner/toy", revision="c0ffee", splits={}))
    made = plan(TOY, elsewhere, source=Source(kind="sample"))
    assert made.absent == {"elsewhere": "task 'elsewhere' has no sample data; it offers: hub"}


def test_a_task_that_others_start_from_must_be_there() -> None:
    absent = replace(TOY, sample=None, hub=HubData(name="owner/toy", revision="c0ffee", splits={}))
    with pytest.raises(DataError, match="--start-from toy: --data sample does not hold it") as error:
        plan(absent, TOY_TOO, models=(LABELS.starting_from("toy"),))
    assert "\n" not in str(error.value)


def test_a_model_that_learns_needs_a_training_split() -> None:
    source, limits = Source(kind="sample"), Limits()
    made = make_plan([BLIMP, TEXT], [NGRAM], seeds=(0,), limits=limits, source=source, device="cpu")
    assert [trial.task.name for trial in made.trials] == ["text"]
    assert made.unsupported == (("blimp", "ngram"),)
    assert made.reasons == {"ngram": "it learns from a training split, of which blimp has none here"}
    with pytest.raises(UsageError, match="--model ngram: it learns from a training split, of which blimp has none"):
        make_plan([BLIMP], [NGRAM], seeds=(0,), limits=limits, source=source, device="cpu")


def sized(num_train: int, num_others: int, num_words: int) -> Task:
    """Return a task with so many examples of so many words."""
    counts = {"train": num_train, "validation": num_others}
    row = {"text": "word " * num_words, "label": 0}
    data = SampleData(splits=tuple(counts), generate=lambda split, seed: [row] * counts[split], version=1)
    return replace(TOY, name=f"sized-{num_train}-{num_others}-{num_words}", sample=data)


def test_an_estimate_counts_operations(tmp_path: Path) -> None:
    cost, epochs = 1e9, 2.0
    model = replace(LABELS, cost=cost, recipe=Recipe(optimisation=Optimisation(epochs=epochs)))
    (trial,) = plan(sized(20, 12, 5), models=(model,)).trials
    fit, answers = cost * 20 * 5 * epochs, cost * 12 * 5 / 3  # a forward pass is a third of a training step
    estimator = Estimator(Run(tmp_path), [trial])
    assert estimator.work(trial) == pytest.approx(fit + answers + 32 * FLOOR_OPERATIONS)
    assert estimator.seconds(trial) == pytest.approx(estimator.work(trial) / ROUGH_RATE)


def test_an_estimate_reads_all_over_the_training_set(tmp_path: Path) -> None:
    rows = [{"text": "word " * (1 + i // 300), "label": 0} for i in range(900)]  # shortest first, as STS-B has them
    data = SampleData(splits=("train", "validation"), generate=lambda *_: rows, version=1)
    model = replace(LABELS, cost=1e12, recipe=Recipe(optimisation=Optimisation(epochs=1.0)))
    (trial,) = plan(replace(TOY, name="sorted", sample=data), models=(model,)).trials
    expected = 1e12 * 2 * (900 + 900 / 3)  # 2 words an example in the mean
    assert Estimator(Run(tmp_path), [trial]).work(trial) == pytest.approx(expected, rel=0.01)


def test_an_estimate_grows_with_data_words_and_the_model_and_heeds_limits(tmp_path: Path) -> None:
    model = replace(LABELS, cost=1e9)

    def seconds(task: Task, spec: ModelSpec = model, limits: Limits | None = None) -> float:
        (trial,) = plan(task, models=(spec,), limits=limits or Limits()).trials
        return Estimator(Run(tmp_path), [trial]).seconds(trial)

    base = seconds(sized(20, 10, 4))
    assert seconds(sized(40, 20, 4)) == pytest.approx(2 * base)
    assert 1.9 * base < seconds(sized(20, 10, 8)) < 2 * base  # less the floor of each example
    assert 1.9 * base < seconds(sized(20, 10, 4), replace(model, cost=2e9)) < 2 * base
    assert seconds(sized(40, 40, 4), limits=Limits(train=20, evaluation=10)) == pytest.approx(base)


def test_an_estimate_learns_the_rate_from_what_is_done(tmp_path: Path) -> None:
    tasks = (sized(20, 10, 4), sized(60, 30, 4))
    small, large = plan(*tasks, models=(replace(LABELS, cost=1e9),)).trials
    run = Run(tmp_path)
    done = synthetic.make_result(synthetic.Plan(), "mrpc", "mini", 0).model_copy(update={"key": small.key})
    run.save(done, ())
    estimator = Estimator(run, [small, large])
    assert estimator.seconds(small) == pytest.approx(done.timings.total_seconds)
    assert estimator.seconds(large) == pytest.approx(3 * done.timings.total_seconds)


def test_an_estimate_has_a_rate_a_model(tmp_path: Path) -> None:
    """Operations do not compare between models: a slow one does not make the others slow."""
    quick, slow = (replace(LABELS, name=name, cost=1e9) for name in ("quick", "slow"))
    tasks = (sized(20, 10, 4), sized(60, 30, 4))
    trials = plan(*tasks, models=(quick, slow)).trials
    run = Run(tmp_path)
    made = synthetic.make_result(synthetic.Plan(), "mrpc", "mini", 0)
    for trial, seconds in zip(trials[:2], (1.0, 50.0), strict=True):
        timings = made.timings.model_copy(update={"total_seconds": seconds})
        run.save(made.model_copy(update={"key": trial.key, "timings": timings}), ())
    estimator = Estimator(run, trials)
    assert {t.model.name: pytest.approx(estimator.seconds(t)) for t in trials[2:]} == {"quick": 3.0, "slow": 150.0}
