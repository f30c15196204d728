"""The task for sets of labels, and what every kind of model makes of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from baselines.bag import BAG
from baselines.bilstm import BILSTM
from baselines.majority import MAJORITY
from baselines.pretrained import resolve
from baselines.transformer import TINY
from harness import ModelSpec, Recipe
from harness.data.loading import load
from harness.data.source import Source
from harness.testing import check_model, check_task
from tasks.themes import THEMES_OF_NOTES
from tests.fakes.checkpoints import save_checkpoint

QUICK = Recipe().having(epochs=2, learning_rate=1e-3, max_length=32)


def test_it_conforms() -> None:
    check_task(THEMES_OF_NOTES)
    data = load(THEMES_OF_NOTES, Source(kind="sample"))
    sizes = {len(example.target) for example in data.train if isinstance(example.target, frozenset)}
    assert sizes == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("model", [MAJORITY, BAG], ids=lambda model: model.name)
def test_models_without_torch_conform(model: ModelSpec) -> None:
    check_model(model, THEMES_OF_NOTES)


@pytest.mark.parametrize("model", [TINY, replace(BILSTM, width=32, embedding_width=16)], ids=lambda model: model.name)
def test_models_from_scratch_conform(model: ModelSpec) -> None:
    check_model(replace(model, recipe=QUICK, recipes={}), THEMES_OF_NOTES)


def test_checkpoints_conform(tmp_path: Path) -> None:
    spec = resolve(str(save_checkpoint(tmp_path / "bert", "bert")))
    assert spec is not None
    check_model(replace(spec, recipe=QUICK, recipes={}), THEMES_OF_NOTES)
