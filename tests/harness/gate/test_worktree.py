import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.gate.worktree import state_of

NAME = ("-c", "user.name=a", "-c", "user.email=a@b")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *NAME, *arguments], check=True, capture_output=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "code.py").write_text("1\n")
    (tmp_path / ".gitignore").write_text("ignored\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


CHANGES: dict[str, Callable[[Path], object]] = {
    "a changed file": lambda tree: (tree / "code.py").write_text("2\n"),
    "a staged file": lambda tree: ((tree / "code.py").write_text("2\n"), git(tree, "add", ".")),
    "a new file": lambda tree: (tree / "new é.py").write_text(""),
    "a file that is gone": lambda tree: (tree / "code.py").unlink(),
    "a commit": lambda tree: git(tree, "commit", "-qm", "second", "--allow-empty"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_another_state(tree: Path, change: Callable[[Path], object]) -> None:
    before = state_of(tree)
    assert before
    change(tree)
    assert state_of(tree) not in {before, None}


def test_what_git_ignores_is_none_of_it(tree: Path) -> None:
    before = state_of(tree)
    (tree / "ignored").write_text("x")
    assert state_of(tree) == before
    (tree / "below").mkdir()
    assert state_of(tree / "below") == before


def test_nothing_is_known_without_a_commit(tmp_path: Path) -> None:
    assert state_of(tmp_path) is None
    git(tmp_path, "init", "-q")
    assert state_of(tmp_path) is None
