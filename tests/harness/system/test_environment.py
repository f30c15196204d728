"""The commit that a result was made at, and the peak of memory."""

import subprocess
from pathlib import Path

import pytest
import torch

from harness.system.environment import commit, peak_memory_bytes


def test_the_commit_of_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit() is None
    git = ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    assert commit() is None, "nothing is committed yet"
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    found = commit()
    assert found is not None
    assert len(found) == 40


def test_without_git_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert commit() is None


def test_the_peak_of_memory_is_that_of_cuda_where_it_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 7)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    assert peak_memory_bytes("cuda") == peak_memory_bytes("cpu") > 2**20
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    assert peak_memory_bytes("cuda") == 7
