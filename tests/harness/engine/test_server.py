"""The server's socket, and what it is started with."""

import tempfile
from pathlib import Path

import pytest

from harness.engine import server
from harness.errors import UsageError
from tests.harness.engine.test_local import run


def test_a_long_folder_for_temporary_files_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    run(tmp_path / "out", "--task", "toy", "--model", "majority")
    assert not list(long.iterdir())


def test_where_no_folder_will_do_the_cure_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("long" * 30)))
    monkeypatch.setattr(server, "SHORT_FOLDERS", (str(tmp_path / "none"),))
    with pytest.raises(UsageError, match="too long for a socket; set it to a folder of 60 characters"):
        server.start([])
