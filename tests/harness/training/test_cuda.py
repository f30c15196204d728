"""The same loop on a GPU, where there is one; `test_training.py` runs the same code on a CPU."""

from pathlib import Path

import pytest
import torch

from harness import FitSession
from harness.system.devices import resolve_device, resolve_precision
from harness.system.environment import peak_memory_bytes
from harness.training.model import TorchModel
from tests.fakes.toy import RECIPE, TOY, WordsNetwork, read, rows

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device here")

TRAIN = [read({**row, "idx": i}) for i, row in enumerate(rows("train", 0))]


def fitted(session: FitSession) -> tuple[TorchModel, tuple[float, ...]]:
    model = TorchModel(lambda _: WordsNetwork(TOY.output, 0.0), output=TOY.output, recipe=RECIPE, seed=0, device="cuda")
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
