import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from baselines.checkpoints.inspection import check_listing, inspect
from harness.errors import UsageError
from tests.fakes.checkpoints import FAMILIES, change_json, save_checkpoint, shard

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 90868376\n"


def refused(folder: Path) -> str:
    with pytest.raises(UsageError) as refusal:
        inspect(folder)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def change_weights(folder: Path, **changes: torch.Tensor | None) -> None:
    """Put tensors, by names with ``__`` for a dot, into a checkpoint's weights, or take them out."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    weights = load_file(folder / "model.safetensors") | named
    save_file({n: v for n, v in weights.items() if v is not None}, folder / "model.safetensors", {"format": "pt"})


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_passes(family: str, tmp_path: Path) -> None:
    assert inspect(save_checkpoint(tmp_path / family, family))["model_type"] == FAMILIES[family].model_type


def test_a_checkpoint_without_a_tokenizer_is_refused(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    assert "bert has no tokenizer: none of tokenizer.json" in refused(folder)
    (folder / "vocab.json").write_text("{}")  # without its merges
    assert "has no tokenizer" in refused(folder)
    (folder / "vocab.json").unlink()
    (folder / "spm.model").write_bytes(b"pieces")
    assert inspect(folder)


def test_a_tokenizer_of_another_model_is_refused(folder: Path) -> None:
    path = folder / "tokenizer.json"
    stored = json.loads(path.read_text())
    rows = len(stored["model"]["vocab"])
    added = {"id": rows, "content": "film about", "special": False}
    path.write_text(json.dumps(stored | {"added_tokens": [*stored["added_tokens"], added]}))
    message = f"the tokenizer has {rows + 1} tokens, the embedding table {rows} rows: none for 'film about'"
    assert message in refused(folder)
    stored["model"]["vocab"] = {"[UNK]": 0, "a": 1}
    path.write_text(json.dumps(stored | {"added_tokens": []}))
    assert f"the tokenizer has 2 tokens, the embedding table {rows} rows" in refused(folder)
    for damaged in ({"model": []}, {"model": {"vocab": {"a": "1"}}}, {"model": {"vocab": [["a"]]}}):
        path.write_text(json.dumps(damaged))
        assert "its tokenizer's files are damaged" in refused(folder)


def test_an_adapter_is_refused_by_name_alone_and_beside_its_base(folder: Path, tmp_path: Path) -> None:
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "owner/base"}))
    assert "is an adapter of owner/base" in refused(folder)
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "adapter_model.safetensors").write_bytes(b"")
    assert "is an adapter of its base" in refused(tmp_path / "alone")
    (folder / "adapter_config.json").unlink()
    change_weights(folder, encoder__layer__0__attention__self__query__lora_A__default__weight=torch.zeros(2, 32))
    assert "hold an adapter that was not merged" in refused(folder)


def test_weights_of_other_sizes_than_config_says_are_refused_with_both(folder: Path) -> None:
    for setting, name in (("max_position_embeddings", "position"), ("vocab_size", "word"), ("type_vocab_size", "type")):
        before = json.loads((folder / "config.json").read_text())[setting]
        change_json(folder / "config.json", **{setting: before + 7})
        message = refused(folder)
        assert f"has {before} rows, config.json says {setting} {before + 7}" in message
        assert name in message
        change_json(folder / "config.json", **{setting: before})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *(("hidden_size", 10**9), ("hidden_size", -1), ("intermediate_size", 10**9), ("num_hidden_layers", 10**9)),
        *(("num_hidden_layers", 1), ("num_hidden_layers", 3), ("attention_window", 10**9), ("anything", [10**18])),
    ],
)
def test_sizes_that_the_weights_do_not_have_are_refused_before_anything_is_allocated(
    folder: Path, setting: str, value: object
) -> None:
    change_json(folder / "config.json", **{setting: value})
    assert setting in refused(folder)


def test_layers_that_config_does_not_have_are_refused(folder: Path) -> None:
    change_weights(folder, encoder__layer__5__output__dense__weight=torch.zeros(32, 64))
    assert "its weights have layers 0, 1, 5, config.json says num_hidden_layers 2" in refused(folder)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (POINTER, "is a Git LFS pointer, not the file itself; run `git lfs pull`"),
        ("", "is empty"),
        ("<!DOCTYPE html><html>404</html>", "is a page of HTML"),
    ],
)
@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"])
def test_files_that_stand_for_others_are_told_by_name(folder: Path, name: str, content: str, told: str) -> None:
    (folder / name).write_text(content)
    assert f"{folder / name} {told}" in refused(folder)


def test_a_checkpoint_in_a_folder_within_is_pointed_at(folder: Path) -> None:
    outer = folder.parent
    (outer / "modules.json").write_text("[]")
    assert f"sentence-transformers): give {folder}." in refused(outer)


@pytest.mark.parametrize("names", [("layers-1.safetensors", "layers-2.safetensors"), ("a/b.safetensors",)])
def test_shards_may_be_called_anything(folder: Path, names: tuple[str, ...]) -> None:
    shard(folder, names)
    assert inspect(folder)
    (folder / names[0]).unlink()
    assert "is not there" in refused(folder)


def test_a_listing_of_the_hub_is_checked_by_names() -> None:
    files = {"config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"}
    check_listing("owner/name", files)
    for change, told in (
        (files | {"adapter_config.json"}, "is an adapter"),
        (files - {"vocab.txt"}, "has no tokenizer"),
        (files - {"config.json"}, "no config.json in it"),
        (files - {"model.safetensors"}, "safetensors only"),
    ):
        with pytest.raises(UsageError, match=told):
            check_listing("owner/name", change)
