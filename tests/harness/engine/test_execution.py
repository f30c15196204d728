"""What a trial does with predictions that are none: it fails with a line, and stores nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import Classification, Example, FitSession, History, Metric, Model, ModelSpec, Prediction, Task
from harness.api.limits import Limits
from harness.data.source import Source
from harness.engine.context import Context
from harness.engine.execution import run_trial
from harness.errors import PredictionError
from harness.plan.trial import Trial
from harness.store.run import Run
from harness.system.cores import Cores
from tests.fakes.guessing import tossing

HALF = Prediction(value=0, scores=(0.5, 0.5))


@dataclass(frozen=True, kw_only=True)
class BrokenSpec(ModelSpec):
    """Predicts the same everywhere, and something else on the first ``num_broken`` examples."""

    outputs = (Classification,)
    num_broken: int = 0

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        return Broken(self.num_broken)


class Broken:
    num_parameters = 0

    def __init__(self, num_broken: int) -> None:
        self._num_broken = num_broken

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        return History()

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        nan = Prediction(value=0, scores=(float("nan"),) * 2)
        return [nan if index < self._num_broken else HALF for index in range(len(examples))]


def run(folder: Path, model: ModelSpec, task: Task) -> tuple[Run, str]:
    trial = Trial(task=task, model=model, seed=0, source=Source(kind="sample"), limits=Limits(train=2, evaluation=40))
    stored = Run(folder)
    context = Context(run=stored, device="cpu", num_threads=1, cores=Cores())
    run_trial(trial, context, keep_checkpoint=False)
    return stored, trial.key


def test_predictions_that_are_not_finite_fail_the_trial_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(PredictionError, match=r"^24 of 40 predictions for validation are not finite numbers"):
        run(tmp_path, BrokenSpec(name="broken", title="broken", num_broken=24), tossing("coins"))
    stored = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*") if path.is_file()}
    assert stored <= {"cache"}, "nothing but the rows, read once a run"
    sound, key = run(tmp_path, BrokenSpec(name="sound", title="sound"), tossing("coins"))
    assert sound.is_done(key)


def test_a_metric_that_is_no_number_fails_the_trial(tmp_path: Path) -> None:
    task = tossing("coins")
    nowhere = Metric(names=("mine",), compute=lambda predictions, examples: {"mine": float("nan")})
    with pytest.raises(PredictionError, match="mine of the predictions for validation is nan"):
        run(tmp_path, BrokenSpec(name="sound", title="sound"), Task(**{**vars(task), "metrics": (nowhere,)}))


class Adapted(Broken):
    """One of whose numbers little is trained."""

    num_parameters, num_trainable_parameters, adapter = 9, 2, {"adapter_config.json": b"{}"}


class AdaptedSpec(BrokenSpec):
    def build(self, task: Task, *, seed: int, device: str) -> Model:
        return Adapted(0)


def test_an_adapter_is_kept_and_belongs_to_the_result(tmp_path: Path) -> None:
    stored, key = run(tmp_path, AdaptedSpec(name="adapted", title=""), tossing("coins"))
    result = stored.result(key)
    assert (result.model.num_parameters, result.model.num_trainable_parameters) == (9, 2)
    path = stored.trial_folder(key) / "adapter" / "adapter_config.json"
    assert path.read_bytes() == b"{}"
    assert stored.is_done(key)
    path.write_bytes(b"[]")
    assert not stored.is_done(key)
