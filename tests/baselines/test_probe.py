"""A linear model on a frozen checkpoint: which answers it gives, and that the checkpoint stays as it is."""

from pathlib import Path
from typing import Any

import pytest

from baselines.pretrained import resolve
from baselines.probe import Probe
from harness import Extraction, MinimalPairs, Regression
from harness.api.method import Method
from harness.api.model import CountsTrained, FitSession
from harness.testing.models import check_model
from tasks.glue import COLA
from tests.fakes.checkpoints import save_checkpoint, save_language_model
from tests.fakes.networks import LABELS, NUMBERS, how_many, share_right, word_order


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("tiny")
    return {"bert": save_checkpoint(root / "bert", "bert"), "llama": save_language_model(root / "llama", "llama")}


def probe(folder: Path) -> Probe:
    spec: Any = resolve(str(folder))
    made = spec.with_method(Method(way="probe"))
    assert isinstance(made, Probe)
    return made


@pytest.mark.parametrize("family", ["bert", "llama"])
def test_a_linear_model_learns_and_nothing_else_does(folders: dict[str, Path], family: str) -> None:
    train = word_order(64)
    spec = probe(folders[family])
    model: Any = spec.build(LABELS, seed=0, device="cpu")
    history = model.fit(train, FitSession())
    assert share_right(model.predict(train), train) > 0.7
    assert isinstance(model, CountsTrained)
    assert model.num_trainable_parameters == 32 + 1
    assert model.num_parameters > 10_000
    assert (history.losses, model.precision) == ((), "float32")
    assert model.flops_per_example(train) > 1_000
    other: Any = spec.build(LABELS, seed=1, device="cpu")
    other.fit(train, FitSession())
    assert other.predict(train) == model.predict(train), "nothing in it is random"
    assert model.predict([]) == []


def test_a_number_is_learnt(folders: dict[str, Path]) -> None:
    train = how_many(64)
    model = probe(folders["bert"]).build(NUMBERS, seed=0, device="cpu")
    model.fit(train, FitSession())
    errors = [abs(p.value - e.target) for p, e in zip(model.predict(train), train, strict=True)]  # type: ignore[operator]
    assert sum(errors) / len(errors) < 0.5


def test_it_says_what_it_is_and_what_it_does_not(folders: dict[str, Path]) -> None:
    spec = probe(folders["llama"])
    assert (spec.name, spec.recipe) == ("llama+probe", None)
    assert spec.title == f"the checkpoint in {folders['llama']}, frozen, and a linear model"
    assert spec.supports(Regression(low=0.0, high=1.0))
    assert spec.reason_against(Extraction(unanswerable=True)) == "a probe has one vector a text, and so finds no spans"
    assert spec.reason_against(MinimalPairs()) == "texts are scored by the checkpoint as it is; leave out +probe"
    assert set(spec.identity()) == {"class", "name", "method", "checkpoint"}


def test_it_conforms(folders: dict[str, Path]) -> None:
    check_model(probe(folders["bert"]), COLA)
