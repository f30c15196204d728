"""Imports are watched from outside: each once, with what it imports, and the module notices nothing."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from harness.system.import_watch import watching_imports


class Log:
    """Notes what happens."""

    def __init__(self) -> None:
        self.events: list[str] = []

    @contextmanager
    def around(self) -> Iterator[None]:
        """Note the beginning and the end."""
        self.events.append("begin")
        try:
            yield
        finally:
            self.events.append("end")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_an_import_is_told_once_with_all_that_it_imports(folder: Path) -> None:
    (folder / "outer_watched.py").write_text("import inner_watched\nLOADER = __loader__")
    (folder / "inner_watched.py").write_text("")
    log = Log()
    with watching_imports(log.around):
        module = importlib.import_module("outer_watched")
        importlib.import_module("inner_watched")
    assert log.events == ["begin", "end"] * 2, "made, and executed"
    assert isinstance(module.LOADER, SourceFileLoader)
    assert module.__spec__ is not None
    assert module.__spec__.loader is module.__loader__ is module.LOADER
    (folder / "later_watched.py").write_text("")
    importlib.import_module("later_watched")
    assert len(log.events) == 4


def test_what_cannot_be_imported_fails_as_ever(folder: Path) -> None:
    (folder / "bad_watched.py").write_text("1 / 0")
    log = Log()
    with watching_imports(log.around):
        with pytest.raises(ZeroDivisionError):
            importlib.import_module("bad_watched")
        with pytest.raises(ModuleNotFoundError, match="No module named 'unheard_of'"):
            importlib.import_module("unheard_of")
        assert importlib.util.find_spec("unheard_of") is None
    assert log.events == ["begin", "end"] * 2


def test_who_only_looks_finds_a_loader_that_tells_all(folder: Path) -> None:
    (folder / "seen_watched.py").write_text("X = 1")
    log = Log()
    with watching_imports(log.around):
        spec = importlib.util.find_spec("seen_watched")
    assert spec is not None
    assert spec.loader is not None
    assert spec.loader.get_source("seen_watched") == "X = 1"  # type: ignore[attr-defined]
    assert log.events == []


def test_a_folder_without_code_is_a_package(folder: Path) -> None:
    (folder / "empty_watched" / "part").mkdir(parents=True)
    with watching_imports(Log().around):
        assert importlib.import_module("empty_watched.part").__path__
