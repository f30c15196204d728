"""A command run in this process, and what it left."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.cli import app
from tests.fakes import TOY

ON_TOY = ("--plugin", str(TOY), "--task", "toy", "--model", "majority")


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code, and its lines."""

    code: int
    output: str
    errors: str


Call = Callable[..., Done]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Give a function that runs a command in this process, in an empty folder, without a hub."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["harness", *arguments])
        with pytest.raises(SystemExit) as end:
            app.main()
        return Done(end.value.code or 0, *capsys.readouterr())

    return call


def document(output: str) -> Any:
    """Return the one document of strict JSON that ``output`` is."""
    return json.loads(output, parse_constant=pytest.fail)
