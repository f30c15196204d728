"""A run whose files were damaged, lost or left over is made whole by the same command, to the byte, and says so."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.engine.events import Event, JobEnded, Mended, ignore
from harness.engine.perform import perform
from harness.store.run import Run
from harness.store.verification import verify
from tests.harness.engine.test_perform import OPTIONS, InProcess, prepared


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 16
    path.write_bytes(content)


def become_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


HARMS: dict[str, Callable[[Path], object]] = {
    "flipped": flip,
    "gone": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "a pipe": become_pipe,
}
PLACES = {
    "trials/cola*seed1*/result.json": ("done again: cola × majority · seed 1: ", 1),
    "trials/cola*seed1*/predictions-test.parquet": ("done again: cola × majority · seed 1: ", 1),
    "trials/cola*seed0*/predictions-validation.parquet": ("done again: cola × majority · seed 0: ", 1),
    "examples/cola*/validation.parquet": ("written again: ", 0),
    "speed/cola*.json": ("", 1),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "run"
    perform(prepared(folder), OPTIONS, InProcess(), ignore)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "run"))


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_harmed_is_made_again(folder: Path, harm: str, place: str) -> None:
    (path,) = folder.glob(place)
    before = {p: p.read_bytes() for p in folder.rglob("*.parquet")}
    HARMS[harm](path)
    heard: list[Event] = []
    perform(prepared(folder), OPTIONS, InProcess(), heard.append)
    account, num_jobs = PLACES[place]
    accounts = [event.account for event in heard if isinstance(event, Mended)]
    if account and not (harm == "gone" and path.name == "result.json"):
        assert [line.startswith(account) for line in accounts] == [True]
    assert len([event for event in heard if isinstance(event, JobEnded)]) == num_jobs
    assert {p: p.read_bytes() for p in folder.rglob("*.parquet")} == before
    assert verify(Run(folder)).problems == ()


def test_what_killed_processes_left_is_removed(folder: Path) -> None:
    key = Run(folder).results()[0].key
    (folder / "trials" / key / ".checkpoint.safetensors.k3x_9pqz.tmp").write_bytes(b"moments")
    (folder / "trials" / key / "failure.json").write_text("{}")
    heard: list[Event] = []
    perform(prepared(folder), OPTIONS, InProcess(), heard.append)
    mended = [event for event in heard if isinstance(event, Mended)]
    assert mended == [Mended(account=f"removed: 2 files that killed or failed processes left in {folder}")]
    assert not [*folder.rglob("*.tmp"), *folder.rglob("failure.json")]
