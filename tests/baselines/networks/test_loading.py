import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import sentencepiece
import torch

from baselines.networks.pretrained import PretrainedNetwork, load_network
from baselines.pretrained import Pretrained, resolve
from harness.api.example import Example
from harness.api.model import FitSession
from harness.api.output import Classification
from harness.api.recipe import Encoding
from harness.errors import TrainingError, UsageError
from tests.fakes.checkpoints import FAMILIES, TEXT, change_json, save_checkpoint
from tests.fakes.networks import LABELS, toy_task

TWO, THREE = Classification(labels=("no", "yes")), Classification(labels=("a", "b", "c"))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tiny checkpoint of each family."""
    root = tmp_path_factory.mktemp("tiny")
    return {name: save_checkpoint(root / name, name) for name in FAMILIES}


def spec_of(folder: Path) -> Pretrained:
    spec = resolve(str(folder))
    assert spec is not None
    return spec


def logits(network: PretrainedNetwork) -> torch.Tensor:
    ids = torch.tensor([[2, 7, 8, 3]])
    with torch.no_grad():
        found: torch.Tensor = network.module.eval()(ids, torch.zeros_like(ids), torch.ones_like(ids).bool())
    return found


def save_classifier(folder: Path, base: Path, labels: Sequence[str]) -> Path:
    """Write a checkpoint with a head for these labels, whose numbers differ from any fresh one's."""
    from transformers import AutoModelForSequenceClassification

    shutil.copytree(base, folder)
    names = {"id2label": dict(enumerate(labels)), "label2id": {label: row for row, label in enumerate(labels)}}
    torch.manual_seed(9)
    AutoModelForSequenceClassification.from_pretrained(base, num_labels=len(labels), **names).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("family", ["bert", "roberta", "deberta-v2", "distilbert", "modernbert"])
def test_a_trained_head_gives_way_to_the_fresh_one_that_a_bare_encoder_gets(
    tiny: dict[str, Path], tmp_path: Path, family: str
) -> None:
    trained = save_classifier(tmp_path / "trained", tiny[family], ("no", "yes"))
    states = []
    for folder in (trained, tiny[family]):
        torch.manual_seed(3)
        network = load_network(folder, output=TWO, encoding=Encoding())
        states.append((network.module.state_dict(), network.notes))
    (state, notes), (bare, bare_notes) = states
    differ = [name for name in bare if not torch.equal(state[name], bare[name])]
    assert all("pooler" in name for name in differ)  # part of the encoder, where there is one
    assert notes == ("its trained head (no, yes) gave way to a fresh one; --head keep would keep it",)
    assert bare_notes == ()
    assert (spec_of(trained).version, spec_of(tiny[family]).version) == (2, 1)


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert", "albert", "modernbert"])
def test_a_head_that_is_kept_has_its_rows_in_the_tasks_order(
    tiny: dict[str, Path], tmp_path: Path, family: str
) -> None:
    trained = save_classifier(tmp_path / "trained", tiny[family], ("YES", "No"))
    task = toy_task("toy", TWO)
    spec = spec_of(trained).keeping_head([task])
    assert spec.identity() != spec_of(trained).identity()
    network = load_network(trained, output=TWO, encoding=Encoding(), head="keep")
    assert network.notes == ("its trained head is kept (YES, No), the labels matched by name",)
    other = save_classifier(tmp_path / "other", tiny[family], ("no", "yes"))
    swapped = load_network(other, output=TWO, encoding=Encoding(), head="keep")
    torch.testing.assert_close(logits(network), logits(swapped).flip(1))
    with pytest.raises(UsageError, match="is for YES, No, the task asks for a, b, c"):
        spec_of(trained).keeping_head([toy_task("abc", THREE)])


def test_only_a_trained_head_can_be_kept(tiny: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no trained head"):
        spec_of(tiny["bert"]).keeping_head([LABELS])
    shutil.copytree(tiny["bert"], tmp_path / "claims")
    change_json(
        tmp_path / "claims" / "config.json",
        architectures=["BertForSequenceClassification"],
        id2label={"0": "no", "1": "yes"},
    )
    with pytest.raises(UsageError, match="of a trained head is not in its weights"):
        load_network(tmp_path / "claims", output=TWO, encoding=Encoding(), head="keep")


def test_a_sentencepiece_model_alone_is_a_tokenizer(tiny: dict[str, Path], tmp_path: Path) -> None:
    """As DeBERTa-v3's repositories have it: ``spm.model``, and no ``tokenizer.json``."""
    folder = Path(shutil.copytree(tiny["deberta-v3"], tmp_path / "spm"))
    rows = json.loads((folder / "config.json").read_text())["vocab_size"]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT * 20),
        model_prefix=str(tmp_path / "spm" / "spm"),
        vocab_size=min(rows - 1, 60),
        hard_vocab_limit=False,
        pad_id=0, bos_id=1, eos_id=2, unk_id=3,
        pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]",
        minloglevel=2,
    )  # fmt: skip
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False, "vocab_type": "spm"}))
    assert spec_of(folder).model_type == "deberta-v2"
    network = load_network(folder, output=TWO, encoding=Encoding())
    encoded = network.encode([Example(id="0", text="the red engine")])
    assert encoded.coverage is not None
    assert encoded.coverage.unknown_tokens == 0
    assert len(encoded.ids) > 4


def with_vocabulary(folder: Path, change: Callable[[str], str]) -> Path:
    """Change each token of a checkpoint's WordPiece vocabulary."""
    held = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = held["model"]["vocab"]
    held["model"]["vocab"] = {
        token if token.startswith("[") else change(token): number for token, number in vocabulary.items()
    }
    (folder / "tokenizer.json").write_text(json.dumps(held))
    return folder


def test_a_cased_vocabulary_read_in_small_letters_is_said(tiny: dict[str, Path], tmp_path: Path) -> None:
    copies = [Path(shutil.copytree(tiny["bert"], tmp_path / name)) for name in ("as-it-is", "cased")]
    with_vocabulary(copies[1], lambda token: token.upper() if token.startswith("##") else token)
    notes = [load_network(copy, output=TWO, encoding=Encoding()).notes for copy in copies]
    assert notes == [
        (),
        ("its tokenizer makes all letters small, though its vocabulary has capital ones (do_lower_case)",),
    ]


def test_training_on_texts_that_are_mostly_unknown_is_refused(tiny: dict[str, Path], tmp_path: Path) -> None:
    model = spec_of(tiny["bert"]).build(toy_task("toy", TWO), seed=0, device="cpu")
    readable, unreadable = (
        [Example(id=str(number), text=text, target=number % 2) for number in range(4)]
        for text in ("red", "漢 字 engine")
    )
    model.fit(readable, FitSession())
    with pytest.raises(TrainingError, match=r"^67% of the training texts' tokens are unknown to the tokenizer;"):
        model.fit(unreadable, FitSession())
