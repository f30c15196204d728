import json
import os
from pathlib import Path

import pytest

from baselines.checkpoints.files import INDEX, brief, files_of, read_object, read_only_these, weights_of
from harness.errors import UsageError
from tests.fakes.checkpoints import shard


def named(folder: Path, file: str) -> None:
    (folder / INDEX).write_text(json.dumps({"weight_map": {"a": file}}))


def test_what_the_index_names_is_read_and_nothing_else(folder: Path) -> None:
    (folder / "notes.txt").write_text("")
    (folder / "adapter_config.json").write_text("{}")
    shard(folder, ["one.safetensors", "deep/two.safetensors"])
    expected = {"config.json", "tokenizer.json", "tokenizer_config.json", INDEX}
    expected |= {"one.safetensors", "deep/two.safetensors"}
    assert set(map(str, files_of(folder))) == expected
    with read_only_these(folder) as view:
        assert {str(path.relative_to(view)) for path in view.rglob("*") if path.is_file()} == expected
        assert (view / "one.safetensors").read_bytes() == (folder / "one.safetensors").read_bytes()
    assert not view.exists()


@pytest.mark.parametrize(
    "name",
    ["../one.safetensors", "/tmp/one.safetensors", "a/../../one.safetensors", "model.bin", "*.safetensors"],
)
def test_an_index_cannot_name_a_file_elsewhere(folder: Path, name: str) -> None:
    (folder / "model.safetensors").unlink()
    named(folder, name)
    with pytest.raises(UsageError, match="expected a safetensors file in the checkpoint's folder") as refusal:
        files_of(folder)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize("content", [{}, {"weight_map": {}}, {"weight_map": {"a": 1}}, {"weight_map": []}])
def test_an_index_that_names_nothing_is_refused(folder: Path, content: object) -> None:
    (folder / "model.safetensors").unlink()
    (folder / INDEX).write_text(json.dumps(content))
    with pytest.raises(UsageError, match="expected a 'weight_map'"):
        files_of(folder)


def test_a_link_out_of_the_folder_is_refused_but_not_those_of_the_hubs_cache(tmp_path: Path, folder: Path) -> None:
    repository = tmp_path / "models--owner--name"
    snapshot, blobs = repository / "snapshots" / "c0ffee", repository / "blobs"
    for path in (snapshot, blobs):
        path.mkdir(parents=True)
    (folder / "model.safetensors").rename(blobs / "0123")
    (snapshot / "odd.safetensors").symlink_to(os.path.relpath(blobs / "0123", snapshot))
    named(snapshot, "odd.safetensors")
    assert [path.name for path in weights_of(snapshot)] == ["odd.safetensors"]

    (folder / "odd.safetensors").symlink_to(blobs / "0123")
    named(folder, "odd.safetensors")
    with pytest.raises(UsageError, match="lies outside of the checkpoint's folder"):
        weights_of(folder)


@pytest.mark.parametrize("text", ["[1]", "{", "[" * 100_000, "\x00", '"' * 9])
def test_what_is_no_object_of_json_is_said_in_a_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(UsageError, match=r"config\.json") as refusal:
        read_object(tmp_path / "config.json")
    assert str(refusal.value).isprintable()


def test_what_a_checkpoint_says_is_cut_to_a_printable_line() -> None:
    assert brief("a\x1b[2J\nb\ud800") == "a [2J b"
    assert len(brief("x" * 10**6)) == 121
