"""A causal checkpoint with a head: transformers' logits, whatever the padding, in every family and state of weights."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoModelForQuestionAnswering, AutoModelForSequenceClassification

from baselines.networks.causal_head import CausalHead, load_causal_head
from baselines.networks.pretrained import PretrainedNetwork
from harness.api.example import Example
from harness.api.output import Classification, Extraction, MultiLabel, Output, Regression
from harness.api.recipe import Encoding
from harness.errors import UsageError
from harness.training.batching import pad
from harness.training.encoder import load_encoder, save_encoder
from harness.training.tensors import to_device
from tests.fakes.checkpoints import change_json, save_language_model, shard

FAMILIES = ("llama", "mistral", "qwen2", "qwen3", "gemma", "phi", "gpt2", "gpt_neox", "opt")
THREE, SPANS = Classification(labels=("a", "b", "c")), Extraction(unanswerable=True)
TEXTS = [
    Example(id="0", text="who wrote it?", pair="Ada wrote the first program, for an engine."),
    Example(id="1", text="when?", pair="in 1843"),
    Example(id="2", text="what drove the engine? red green red", pair="steam"),
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny checkpoint of each family."""
    root = tmp_path_factory.mktemp("causal")
    return {name: save_language_model(root / name, name) for name in FAMILIES}


def load(folder: Path, output: Output = THREE) -> PretrainedNetwork:
    torch.manual_seed(3)
    network = load_causal_head(folder, output=output, encoding=Encoding())
    network.module.eval()
    return network


@torch.no_grad()
def logits(network: PretrainedNetwork, rows: Sequence[int]) -> list[Tensor]:
    """Return the logits of some texts in one batch, those of padding left out."""
    encoded = network.encode(TEXTS)
    found = network.predict(to_device(pad(encoded, list(rows), pad_id=network.pad_id, multiple=1), "cpu"))  # type: ignore[arg-type]
    lengths = encoded.lengths[list(rows)]
    return [row[:length] if row.ndim == 2 else row for row, length in zip(found, lengths, strict=True)]


def theirs(auto: Any, network: PretrainedNetwork, folder: Path) -> list[Tensor]:
    """Return what a class of transformers gives with the network's head, a text at a time."""
    head: Any = network.module.head
    model = auto.from_pretrained(folder, num_labels=head.out_features, dtype=torch.float32).eval()
    if auto is AutoModelForQuestionAnswering:  # of LLaMA's, base_model_prefix fits no checkpoint: it begins at random
        model.base_model.load_state_dict(network.module.model.state_dict())
    (model.score if hasattr(model, "score") else model.qa_outputs).load_state_dict(head.state_dict())
    encoded, found = network.encode(TEXTS), []
    for start, end in pairwise(encoded.offsets):
        with torch.no_grad():
            answer = model(input_ids=torch.from_numpy(encoded.ids[start:end]).long()[None])
        spans = "start_logits" in answer
        found.append(torch.stack([answer.start_logits, answer.end_logits], -1)[0] if spans else answer.logits[0])
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_labels_are_read_as_transformers_reads_them(tiny: dict[str, Path], family: str) -> None:
    network, rows = load(tiny[family]), range(len(TEXTS))
    together = logits(network, rows)
    for one, alone, other in zip(
        together,
        [logits(network, [row])[0] for row in rows],
        theirs(AutoModelForSequenceClassification, network, tiny[family]),
        strict=True,
    ):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(one, alone, rtol=1e-4, atol=1e-5)
    assert len({tuple(one.tolist()) for one in together}) == len(TEXTS)


@pytest.mark.parametrize("family", ["llama", "qwen3", "gpt2", "gpt_neox", "opt"])
def test_spans_are_transformers_but_for_no_answer_which_the_last_token_tells(
    tiny: dict[str, Path], family: str
) -> None:
    network, rows = load(tiny[family], SPANS), range(len(TEXTS))
    found = logits(network, rows)
    for one, other in zip(found, theirs(AutoModelForQuestionAnswering, network, tiny[family]), strict=True):
        torch.testing.assert_close(one[1:], other[1:], rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(one[0], one[-1])
    assert len({tuple(one[0].tolist()) for one in found}) == len(TEXTS), "token 0 itself has seen no text"


@pytest.mark.parametrize("output", [Regression(low=0.0, high=5.0), MultiLabel(labels=("a", "b"))])
def test_numbers_and_label_sets_have_heads(tiny: dict[str, Path], output: Output) -> None:
    (found,) = logits(load(tiny["llama"], output), [0])
    assert found.shape == (2 if isinstance(output, MultiLabel) else 1,)


def test_texts_are_joined_as_is_said(tiny: dict[str, Path]) -> None:
    network = load(tiny["llama"])
    encoded = network.encode([Example(id="0", text="red", pair="a film"), Example(id="1", text="red")])
    pair, single = (encoded.ids[encoded.offsets[i] : encoded.offsets[i + 1]].tolist() for i in (0, 1))
    assert network.tokenizer.decode(pair, skip_special_tokens=False) == "<s>red\na film</s>"
    assert network.tokenizer.decode(single, skip_special_tokens=False) == "<s>red</s>"


def test_long_texts_keep_their_last_token(tiny: dict[str, Path]) -> None:
    encoded = load(tiny["gpt2"]).encode([Example(id="0", text="red " * 100, pair="green " * 100)])
    assert encoded.lengths.tolist() == [64], "as many as it has positions"
    assert encoded.ids[-1] == 2


@pytest.mark.parametrize(
    "change",
    [
        {"tokenizer_config.json": {"padding_side": "left", "truncation_side": "left"}},
        {"tokenizer_config.json": {"pad_token": None}, "config.json": {"pad_token_id": None}},
        {"tokenizer_config.json": {"pad_token": "</s>"}},
    ],
    ids=["pads on the left", "has no padding", "pads by what ends texts"],
)
def test_a_checkpoints_own_padding_changes_nothing(
    tiny: dict[str, Path], tmp_path: Path, change: dict[str, dict[str, Any]]
) -> None:
    folder = save_language_model(tmp_path / "llama", "llama")
    for name, settings in change.items():
        change_json(folder / name, **settings)
    rows = range(len(TEXTS))
    for one, expected in zip(logits(load(folder), rows), logits(load(tiny["llama"]), rows), strict=True):
        torch.testing.assert_close(one, expected, rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_and_shards_are_loaded_in_float32(
    tiny: dict[str, Path], tmp_path: Path, dtype: torch.dtype
) -> None:
    folder = save_language_model(tmp_path / "llama", "llama")
    weights = {name: tensor.to(dtype) for name, tensor in load_file(folder / "model.safetensors").items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    shard(folder, ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"])
    change_json(folder / "config.json", dtype=str(dtype).removeprefix("torch."))
    network = load(folder)
    assert {parameter.dtype for parameter in network.module.parameters()} == {torch.float32}
    whole = logits(load(tiny["llama"]), [0])[0]
    torch.testing.assert_close(logits(network, [0])[0], whole, rtol=0.2, atol=0.2)


def test_a_tokenizer_that_neither_begins_nor_ends_texts_is_refused(tmp_path: Path) -> None:
    folder = save_language_model(tmp_path / "llama", "llama")
    change_json(folder / "tokenizer_config.json", bos_token=None, eos_token=None)
    with pytest.raises(UsageError, match="no token that begins or ends a text"):
        load(folder)


def test_weights_that_lack_a_layer_are_refused(tmp_path: Path) -> None:
    folder = save_language_model(tmp_path / "llama", "llama")
    config = json.loads((folder / "config.json").read_text())
    change_json(folder / "config.json", num_hidden_layers=3, layer_types=["full_attention"] * 3)
    assert config["num_hidden_layers"] == 2
    with pytest.raises(UsageError, match="tensors are not in its weights"):
        load(folder)


def test_the_table_of_tokens_is_named(tiny: dict[str, Path]) -> None:
    network = load(tiny["opt"])
    assert isinstance(network.module, CausalHead)
    assert isinstance(network.token_table, torch.nn.Embedding)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_task_starts_from_what_is_below_the_head_after_another_one(
    tiny: dict[str, Path], tmp_path: Path, family: str
) -> None:
    first, second = load(tiny[family]), load(tiny[family], Regression(low=0, high=5))
    head = second.module.head.weight.clone()
    with torch.no_grad():
        for parameter in first.module.parameters():
            parameter.add_(1.0)
    save_encoder(tmp_path / "weights.safetensors", first)
    load_encoder(tmp_path / "weights.safetensors", second)
    assert all(map(torch.equal, second.encoder.parameters(), first.encoder.parameters()))
    assert torch.equal(second.module.head.weight, head)
