from pathlib import Path

import pytest

from harness.store.adapters import check_adapter, write_adapter
from harness.store.reading import StoredFileError

FILES = {"adapter_config.json": b"{}", "adapter_model.safetensors": b"\x00\x01"}


def test_what_is_written_is_there(tmp_path: Path) -> None:
    digests = write_adapter(tmp_path / "adapter", FILES)
    assert {path.name: path.read_bytes() for path in (tmp_path / "adapter").iterdir()} == FILES
    check_adapter(tmp_path / "adapter", digests)
    check_adapter(tmp_path / "elsewhere", write_adapter(tmp_path / "elsewhere", {}))
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("content", [b"\x00\x02", b"", None])
def test_another_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    digests = write_adapter(tmp_path, FILES)
    path = tmp_path / "adapter_model.safetensors"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(
        StoredFileError, match=r"adapter_model.safetensors: (not the file that its result|cannot be read)"
    ):
        check_adapter(tmp_path, digests)
