import json
import struct
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from baselines.checkpoints.header import read_header, read_shapes
from harness.errors import UsageError
from tests.fakes.checkpoints import shard

ONE = {"a": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}}


def write(path: Path, header: Any, size: int = 8) -> Path:
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(size))
    return path


def test_shapes_are_those_of_the_tensors(folder: Path) -> None:
    expected = {name: tuple(tensor.shape) for name, tensor in load_file(folder / "model.safetensors").items()}
    assert read_shapes(folder) == expected
    shard(folder, ["odd.safetensors", "even.safetensors"])
    assert read_shapes(folder) == expected


def test_a_torn_file_is_refused(folder: Path) -> None:
    path = folder / "model.safetensors"
    whole = path.read_bytes()
    for size in (1, 7, 8, 100, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(UsageError, match="copy or download it again"):
            read_header(path)
    path.write_bytes(whole + b"x")
    with pytest.raises(UsageError, match="bytes of weights"):
        read_header(path)


@pytest.mark.parametrize(
    "header",
    [
        *([], {"a": 1}, {"a": {}}, {"a": ONE["a"] | {"shape": [2, "1"]}}, {"a": ONE["a"] | {"shape": [-1, -2]}}),
        *(
            {"a": ONE["a"] | {"data_offsets": [0]}},
            {"a": ONE["a"] | {"shape": [10**12]}},
            {"a": ONE["a"] | {"dtype": []}},
        ),
    ],
)
def test_a_damaged_header_is_refused(tmp_path: Path, header: Any) -> None:
    assert read_header(write(tmp_path / "good.safetensors", ONE)) == {"a": (2, 1)}
    with pytest.raises(UsageError, match="header of this safetensors file is damaged"):
        read_header(write(tmp_path / "bad.safetensors", header))


def test_an_index_and_its_files_name_the_same_tensors(folder: Path) -> None:
    shard(folder, ["odd.safetensors", "even.safetensors"])
    index = folder / "model.safetensors.index.json"
    content = json.loads(index.read_text())
    index.write_text(json.dumps({"weight_map": content["weight_map"] | {"more": "odd.safetensors"}}))
    with pytest.raises(UsageError, match=r"1 of its tensors are not in the files that it names, such as more"):
        read_shapes(folder)
    name, _ = content["weight_map"].popitem()
    index.write_text(json.dumps(content))
    with pytest.raises(UsageError, match=f"does not name 1 tensors that its files hold, such as {name}"):
        read_shapes(folder)
