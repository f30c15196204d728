"""The server's socket, and what it is started with."""

import tempfile
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from harness.engine import server
from harness.engine.events import Event, JobEnded
from harness.engine.local import LocalEngine
from harness.errors import RunError, UsageError
from tests.harness.engine.test_failures import jobs_for
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


@pytest.mark.parametrize("num_deaths", [2, 3])
def test_a_server_that_dies_is_started_again_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, num_deaths: int
) -> None:
    monkeypatch.chdir(tmp_path)
    start, deaths = ForkServerProcess.start, iter(range(num_deaths))

    def start_late(process: ForkServerProcess) -> None:
        if next(deaths, None) is not None:
            raise EOFError
        start(process)

    monkeypatch.setattr(ForkServerProcess, "start", start_late)
    heard: list[Event] = []
    engine = LocalEngine()
    engine.start([])
    try:
        if num_deaths == 3:
            with pytest.raises(RunError, match=r"no worker can be started, .* ends at once \(EOFError\)"):
                engine.do(jobs_for(["good"]), heard.append, num_workers=1)
            return
        engine.do(jobs_for(["good"]), heard.append, num_workers=1)
    finally:
        engine.stop()
    (end,) = (event for event in heard if isinstance(event, JobEnded))
    assert end.failure is None
