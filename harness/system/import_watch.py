"""Wraps what happens while this process imports modules that it does not have yet."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Around = Callable[[], AbstractContextManager[None]]


@contextmanager
def watching_imports(around: Around) -> Iterator[None]:
    """Enter ``around()`` for as long as each import takes that begins meanwhile, with all that the module imports."""
    watch = _Watch(around)
    sys.meta_path.insert(0, watch)
    try:
        yield
    finally:
        sys.meta_path.remove(watch)


class _Watch(MetaPathFinder):
    """Finds what the other finders find, and gives it a loader that is watched."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._is_importing = False

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return a module's spec; ``None``, so that the others are asked, of one that a watched module imports."""
        if self._is_importing:
            return None
        others = (finder for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec"))
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in others)), None)
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _WatchedLoader(spec.loader, self.importing)
        return spec

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Be what happens around an import; those within are part of it."""
        self._is_importing = True
        try:
            with self._around():
                yield
        finally:
            self._is_importing = False


class _WatchedLoader(Loader):
    """Loads a module as its own loader does, which stands in its place as soon as the module can see it."""

    def __init__(self, loader: Loader, around: Around) -> None:
        self._loader, self._around = loader, around

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return the module, not yet executed."""
        with self._around():
            return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module."""
        assert module.__spec__ is not None, "whoever loads it has set it"
        module.__spec__.loader = module.__loader__ = self._loader
        with self._around():
            self._loader.exec_module(module)

    def __getattr__(self, name: str) -> Any:
        """Return what else the loader has, for whoever asks it for more than the module."""
        return getattr(self._loader, name)
