"""What cannot be known is an error with its path, and never "not there"."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import RunError
from harness.store.latest import read_newest
from harness.store.listing import entries, is_there
from harness.store.run import Run
from tests.fakes.synthetic import Plan, write_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_run(tmp_path / "run", Plan(tasks=("cola",), models=("mini",), num_seeds=2))


def _by_a_file(path: Path) -> None:
    path.rename(path.with_name("away"))
    path.write_text("")


def _by_a_loop(path: Path) -> None:
    path.rename(path.parent.parent / "away")
    path.symlink_to(path)


def _by_a_link_to_nowhere(path: Path) -> None:
    path.rename(path.parent.parent / "away")
    path.symlink_to("/nowhere/at/all")


REPLACED = {"file": _by_a_file, "loop": _by_a_loop, "link to nowhere": _by_a_link_to_nowhere}


@pytest.mark.parametrize("how", REPLACED)
@pytest.mark.parametrize("where", ["trials", "trials/KEY", "speed"])
def test_what_cannot_be_entered_is_an_error(run: Run, where: str, how: str) -> None:
    key = run.results()[0].key
    path = run.folder / where.replace("KEY", key)
    REPLACED[how](path)
    with pytest.raises(RunError, match="cannot be read") as caught:
        read_newest(run)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    if where != "speed":
        with pytest.raises(RunError, match="cannot be read"):
            run.is_done(key)
        with pytest.raises(RunError, match="cannot be read"):
            run.records()


@pytest.mark.parametrize("name", ["result.json", "failure.json", "run.json"])
def test_a_record_that_leads_nowhere_is_an_error(run: Run, name: str) -> None:
    path = run.folder / name if name == "run.json" else run.trial_folder(run.results()[0].key) / name
    path.unlink(missing_ok=True)
    path.symlink_to("/nowhere/at/all")
    with pytest.raises(RunError, match="cannot be read"):
        read_newest(Run.open(run.folder))


def refusing(path: Path, call: Callable[..., Any]) -> Callable[..., Any]:
    def refused(target: Any, *args: Any, **kwargs: Any) -> Any:
        if Path(target) == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
        return call(target, *args, **kwargs)

    return refused


def test_what_may_not_be_read_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root nothing is forbidden, so the system's refusal is made."""
    trials = run.folder / "trials"
    monkeypatch.setattr(os, "scandir", refusing(trials, os.scandir))
    for read in (run.results, run.failures, run.records):
        with pytest.raises(RunError, match=f"^{trials}: cannot be read: Permission denied"):
            read()
    result = trials / "key" / "result.json"
    monkeypatch.setattr(Path, "stat", refusing(result, Path.stat))
    with pytest.raises(RunError, match=f"^{result}: cannot be read: Permission denied"):
        run.is_done("key")


def test_what_is_not_there_is_nothing(run: Run, tmp_path: Path) -> None:
    assert entries(tmp_path / "none") == []
    assert not is_there(tmp_path / "none" / "at" / "all")
    before = run.results()
    (run.folder / "trials" / ".DS_Store").write_text("")
    (run.folder / "trials" / "Thumbs.db").write_text("")
    (run.folder / "trials" / "cola--mini--seed9--abc").mkdir()  # begun, and ended before anything came of it
    assert run.results() == before
