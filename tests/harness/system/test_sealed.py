"""Files that carry a checksum: every flipped bit of JSON, Parquet and safetensors is noticed or changes nothing."""

import json
import os
import random
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from harness.store.tables import write_table
from harness.system import sealed
from harness.system.files import write_text
from harness.system.sealed import (
    DamagedError,
    checksum_of,
    open_file,
    read_bytes,
    read_json,
    seal,
    seal_json,
)
from harness.training.tensor_files import writing

CONTENT = '{\n "text": "sha256:' + "0" * 64 + '",\n "number": 0.1\n}\n'


def write_json(folder: Path) -> Path:
    write_text(folder / "file.json", seal_json(CONTENT))
    return folder / "file.json"


def write_parquet(folder: Path) -> Path:
    write_table(folder / "file.parquet", {"text": ["sha256:" + "0" * 64, "b"], "number": [0.1, 2.0]})
    return folder / "file.parquet"


def write_tensors(folder: Path) -> Path:
    path = folder / "file.safetensors"
    with writing(path, "sha256:") as (temporary, metadata):
        save_file({"a": np.arange(5), "b": np.ones(3, np.float32)}, temporary, metadata=metadata)
    return path


KINDS: dict[str, Callable[[Path], Path]] = {
    "json": write_json,
    "parquet": write_parquet,
    "safetensors": write_tensors,
}


@pytest.fixture(params=KINDS)
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return KINDS[request.param](tmp_path)


def test_a_file_fits_its_checksum_and_is_written_the_same_again(path: Path) -> None:
    before, checksum = path.read_bytes(), checksum_of(path)
    assert checksum is not None
    assert before.count(checksum.encode()) == 1
    KINDS[path.suffix[1:]](path.parent)
    assert path.read_bytes() == before


def test_other_readers_read_it(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    assert json.loads(write_json(tmp_path).read_text()).keys() == {"sha256", "text", "number"}
    assert pq.read_table(write_parquet(tmp_path))["number"].to_pylist() == [0.1, 2.0]
    assert load_file(write_tensors(tmp_path))["a"].tolist() == [0, 1, 2, 3, 4]


def test_the_content_comes_back_without_the_checksum(tmp_path: Path) -> None:
    assert read_json(write_json(tmp_path)).content == CONTENT.encode()


def test_every_flipped_bit_is_noticed(path: Path) -> None:
    """Where the place of the checksum itself is hit, the file has none, which the caller is told."""
    whole = path.read_bytes()
    expected = checksum_of(path)
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            found = checksum_of(path)
        except DamagedError:
            continue
        assert found is None or (found == expected and path.suffix == ".json"), bit  # white space before the checksum


def test_what_is_cut_short_or_grown_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for length in random.Random(0).sample(range(len(whole)), 50):
        path.write_bytes(whole[:length])
        with_checksum = True
        try:
            with_checksum = checksum_of(path) is not None
        except DamagedError:
            continue
        assert not with_checksum, length
    path.write_bytes(whole + b"\n")
    with suppress(DamagedError):
        assert checksum_of(path) is None


def test_a_file_without_a_checksum_has_none(tmp_path: Path) -> None:
    for name, content in {"a.json": b"{}", "b.parquet": b"", "c.safetensors": b"\x02" + bytes(7) + b"{}"}.items():
        (tmp_path / name).write_bytes(content)
        assert checksum_of(tmp_path / name) is None
    with pytest.raises(AssertionError, match="have a place for it"):
        seal(tmp_path / "b.parquet")


MADE: dict[str, Callable[[Path], object]] = {
    "folder": Path.mkdir,
    "pipe": os.mkfifo,
    "loop": lambda path: path.symlink_to(path),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "missing": lambda path: None,
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_what_is_no_file_is_an_error_at_once(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "file"
    make(path)
    for read in (open_file, read_bytes, read_json, checksum_of):
        with pytest.raises(OSError, match=r"."):
            read(path)


def test_a_file_larger_than_the_memory_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise MemoryError

    monkeypatch.setattr(sealed, "open_file", lambda _: Endless())
    with pytest.raises(OSError, match="Cannot allocate memory") as raised:
        read_bytes(tmp_path / "file")
    assert raised.value.filename == str(tmp_path / "file")
