"""Files written whole or not at all: what an error, a kill, a full disk and the umask leave; and what may be swept."""

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.system.files import replacing, sweep, write_text

WRITING = """
import os, signal, sys
from pathlib import Path
from harness.system.files import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("half of th")
    print(temporary, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def umask() -> Iterator[int]:
    before = os.umask(0o027)
    yield 0o027
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def fail_half_way(path: Path, error: BaseException) -> None:
    with replacing(path) as temporary:
        temporary.write_text("half of th")
        raise error


@pytest.mark.parametrize("before", [None, "before"])
def test_an_error_in_the_middle_leaves_what_was_there(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "new" / "file"
    if before:
        write_text(path, before)
    with pytest.raises(ZeroDivisionError):
        fail_half_way(path, ZeroDivisionError())
    assert [p.read_text() for p in path.parent.iterdir()] == ([before] if before else [])


def test_a_full_disk_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_text(path, "before")
    with pytest.raises(OSError, match="No space left on device") as raised:
        fail_half_way(path, OSError(errno.ENOSPC, "No space left on device"))
    assert raised.value.filename == str(path)
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"file": "before"}


def test_an_error_about_another_file_names_that_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        fail_half_way(tmp_path / "file", FileNotFoundError(errno.ENOENT, "No such file", "elsewhere"))
    assert raised.value.filename == "elsewhere"


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file" / "full").mkdir(parents=True)
    with pytest.raises(IsADirectoryError) as raised:
        write_text(tmp_path / "file", "text")
    assert raised.value.filename == str(tmp_path / "file")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_name_may_be_as_long_as_the_file_system_has_it(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_text(path, "text")
    assert path.read_text() == "text"
    with pytest.raises(OSError, match="File name too long") as raised:
        write_text(tmp_path / ("n" * 256), "text")
    assert raised.value.filename == str(tmp_path / ("n" * 256))
    assert list(tmp_path.iterdir()) == [path]


def test_new_files_and_folders_follow_the_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "new" / "file"
    write_text(path, "text")
    assert (mode(path), mode(path.parent)) == (0o666 & ~umask, 0o777 & ~umask)


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "file"
    write_text(path, "old")
    path.chmod(0o666)
    write_text(path, "new ü")
    assert path.read_bytes() == "new ü".encode()
    assert mode(path) == 0o666
    assert list(tmp_path.iterdir()) == [path]


def test_the_name_is_flushed_after_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(stat.S_ISDIR(os.fstat(handle).st_mode)))
    write_text(tmp_path / "file", "text")
    assert flushed == [False, True]


def test_what_a_killed_process_left_is_swept_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    path = tmp_path / "run" / "trials" / "file"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITING, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    killed, living = (Path(os.fsdecode(writer.stdout.readline().strip())) for writer in writers if writer.stdout)
    assert sweep(tmp_path) == []
    writers[0].send_signal(signal.SIGKILL)
    writers[0].communicate()
    assert sweep(tmp_path) == [killed]
    assert living.is_file()
    writers[1].communicate()
    assert [p.name for p in path.parent.iterdir()] == ["file"]
    assert path.read_text() == "half of th"


def test_only_what_is_called_so_is_swept(tmp_path: Path) -> None:
    for name in (".result.json.k3x_9pqz.tmp", "mine.tmp", ".claim"):
        (tmp_path / name).write_text("")
    (tmp_path / ".folder.tmp").mkdir()
    (tmp_path / ".link.tmp").symlink_to(tmp_path / "mine.tmp")
    os.mkfifo(tmp_path / ".pipe.tmp")
    sweep(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} >= {"mine.tmp", ".claim", ".folder.tmp", ".link.tmp"}
    assert not (tmp_path / ".result.json.k3x_9pqz.tmp").exists(), "as earlier versions called them"


def test_a_file_is_written_while_somebody_sweeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweeper that comes between creation and lock takes the file; another one is made."""
    import fcntl

    lock, swept = fcntl.flock, []

    def sweep_first(handle: int, operation: int) -> None:
        if not swept:
            (found,) = tmp_path.glob(".*.tmp")
            found.unlink()
            swept.append(found)
        lock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    write_text(tmp_path / "file", "text")
    assert swept
    assert [p.read_text() for p in tmp_path.iterdir()] == ["text"]
