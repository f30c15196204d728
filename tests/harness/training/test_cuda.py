"""The same loop on a GPU, where there is one; `test_training.py` runs the same code on a CPU."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from baselines import bilstm, pretrained, transformer
from harness import FitSession, ModelSpec, Recipe
from harness.data.loading import load
from harness.data.source import open_source
from harness.system.devices import resolve_device, resolve_precision
from harness.system.environment import peak_memory_bytes
from harness.training.model import TorchModel
from tasks.glue import SST2
from tests.bench.on_gpu.preparation import make_checkpoint
from tests.bench.on_gpu.size import Encoder
from tests.fakes.toy import RECIPE, TOY, WordsNetwork, read, rows

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device here")

DEVICE = "cuda"
TRAIN = [read({**row, "idx": i}) for i, row in enumerate(rows("train", 0))]


def fitted(session: FitSession) -> tuple[TorchModel, tuple[float, ...]]:
    model = TorchModel(lambda _: WordsNetwork(TOY.output, 0.0), output=TOY.output, recipe=RECIPE, seed=0, device=DEVICE)
    return model, model.fit(TRAIN, session).losses


def test_learns_repeats_and_loads_its_checkpoint(tmp_path: Path) -> None:
    assert resolve_device("auto") == "cuda"
    first, losses = fitted(FitSession(checkpoint=tmp_path / "checkpoint"))
    second, again = fitted(FitSession())
    loaded, stored = fitted(FitSession(checkpoint=tmp_path / "checkpoint"))
    assert losses == again == stored
    assert sum(losses[-6:]) < sum(losses[:6])
    assert first.predict(TRAIN) == second.predict(TRAIN) == loaded.predict(TRAIN)
    assert peak_memory_bytes("cuda") > 0


def test_a_checkpoints_network_answers_and_learns_as_on_a_cpu() -> None:
    from transformers import BertConfig, BertForSequenceClassification

    from baselines.networks import attention
    from baselines.networks.first_token import read_first_token_only

    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    torch.manual_seed(0)
    config = BertConfig(**size, vocab_size=99, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = BertForSequenceClassification(config)
    model.set_attn_implementation(attention.NAME)
    read_first_token_only(model)
    ids, mask = torch.arange(5, 26).view(3, 7), torch.arange(7) < torch.tensor([7, 3, 1])[:, None]
    found = []
    for device in ("cpu", "cuda"):
        model.to(device).zero_grad()
        logits = model(input_ids=ids.to(device), attention_mask=mask.long().to(device)).logits
        logits.square().sum().backward()
        found.append([logits, *(p.grad for p in model.parameters() if p.grad is not None)])
    for cpu, cuda in zip(*found, strict=True):
        torch.testing.assert_close(cuda.cpu(), cpu.cpu(), rtol=1e-3, atol=1e-5)


def test_precision_follows_the_device() -> None:
    expected = "bfloat16" if torch.cuda.get_device_capability() >= (8, 0) else "float32"
    assert resolve_precision("auto", "cuda") == expected


class CutShortError(Exception):
    pass


def cut(step: int, _steps: int) -> None:
    if step == 5:
        raise CutShortError


@pytest.mark.parametrize("name", ["checkpoint", "transformer-tiny", "bilstm"])
def test_a_training_cut_short_goes_on_bit_for_bit(tmp_path: Path, name: str) -> None:
    data = load(SST2, open_source("sample"))
    train, validation = data.train[:400], data.scored["validation"]
    recipe = Recipe().having(epochs=1.0, learning_rate=1e-3)
    if name == "checkpoint":
        encoder = Encoder(num_layers=2, width=128, num_heads=2, vocabulary_size=2_000)
        make_checkpoint(tmp_path / name, encoder, train)
    specs: dict[str, ModelSpec | None] = {"transformer-tiny": transformer.TINY, "bilstm": bilstm.BILSTM}
    spec = specs.get(name) or pretrained.resolve(str(tmp_path / name))
    assert spec is not None
    models = [replace(spec, recipe=recipe).build(SST2, seed=0, device=DEVICE) for _ in range(3)]
    straight = models[0].fit(train, FitSession())
    path = tmp_path / "training.safetensors"
    with pytest.raises(CutShortError):
        models[1].fit(train, FitSession(checkpoint=path, checkpoint_seconds=0.0, on_step=cut))
    resumed = models[2].fit(train, FitSession(checkpoint=path))
    assert straight.notes == ()  # each operator has a deterministic kernel
    assert resumed.losses == straight.losses
    assert models[2].predict(validation) == models[0].predict(validation)


def test_the_context_leaves_products_as_they_were() -> None:
    """The peak is measured, and operations are counted, with the settings of torch."""
    from harness.training.flops import matmul_peak

    fitted(FitSession())
    assert not torch.are_deterministic_algorithms_enabled()
    assert matmul_peak(DEVICE, "bfloat16") > matmul_peak(DEVICE, "float32") > 0
