"""An encoder that `pretrain` made differs from the same one from random weights in nothing but its start."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from baselines.networks.ours import load_ours
from baselines.pretrained import Pretrained, resolve
from baselines.transformer import TINY
from harness.api.example import Example
from harness.api.model import FitSession
from harness.api.recipe import Encoding
from harness.errors import UsageError
from harness.pretraining.folder import Folder
from harness.pretraining.pretrain import Assignment, pretrain
from harness.pretraining.record import PretrainingRecord
from tasks.glue import RTE
from tests.fakes.corpora import Quiet, corpus, options

ENCODING = Encoding(max_length=48)
PAIRS = [
    Example(id=str(number), text="The red cat sees a dog.", pair=pair, target=label)
    for number, (pair, label) in enumerate([("A cat.", 0), ("A fish.", 1)] * 8)
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PretrainingRecord]:
    folder = tmp_path_factory.mktemp("made")
    asked = Assignment(
        spec=TINY,
        corpus=corpus(folder / "corpus"),
        options=options("mlm", tokens=2_000),
        folder=Folder(folder / "ours"),
        device="cpu",
    )
    return folder / "ours", pretrain(asked, Quiet())


def test_its_recipe_is_that_of_random_weights_with_smaller_steps(made: tuple[Path, PretrainingRecord]) -> None:
    folder, record = made
    spec = resolve(str(folder))
    assert isinstance(spec, Pretrained)
    assert (spec.name, spec.architecture, spec.pretraining) == ("ours", "ours", record.cost())
    recipe, scratch = spec.recipe_for(RTE), TINY.recipe_for(RTE)
    assert recipe.optimisation.learning_rate < scratch.optimisation.learning_rate
    assert recipe.having(learning_rate=scratch.optimisation.learning_rate) == scratch


def test_its_weights_are_those_of_the_checkpoint(made: tuple[Path, PretrainingRecord]) -> None:
    torch.manual_seed(0)
    network = load_ours(made[0], output=RTE.output, encoding=ENCODING)
    held = load_file(made[0] / "model.safetensors")
    embeddings = network.module.encoder.embeddings
    assert torch.equal(embeddings.tokens.weight, held["bert.embeddings.word_embeddings.weight"])
    assert torch.equal(embeddings.positions.weight[:32], held["bert.embeddings.position_embeddings.weight"])
    assert len(embeddings.positions.weight) == 48, "positions beyond those that it was pretrained on are fresh"
    tokens = network.tokenizer.encode("The RED cat", "a dog").tokens
    assert tokens == ["[CLS]", "the", "red", "cat", "[SEP]", "a", "dog", "[SEP]"]


def test_it_is_fine_tuned(made: tuple[Path, PretrainingRecord]) -> None:
    spec = resolve(str(made[0]))
    assert spec is not None
    model = spec.build(RTE, seed=0, device="cpu")
    assert len(model.fit(PAIRS, FitSession()).losses) > 1
    assert len(model.predict(PAIRS)) == len(PAIRS)


def test_weights_of_another_make_are_refused(made: tuple[Path, PretrainingRecord], tmp_path: Path) -> None:
    held = load_file(made[0] / "model.safetensors")
    del held["bert.encoder.layer.0.output.dense.weight"]
    for file in made[0].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    save_file(held, tmp_path / "model.safetensors")
    with pytest.raises(UsageError, match="not one that `pretrain` made"):
        load_ours(tmp_path, output=RTE.output, encoding=ENCODING)
