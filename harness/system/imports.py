"""Our packages are found where `harness` lies, whatever bears their names where a command is run."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
PACKAGES = ("tasks", "baselines", "reports")

SAFE_PATH, OURS = "PYTHONSAFEPATH", "set by harness"


class _OwnPackages:
    """Finds our packages, before anybody else is asked."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a package of ours lies."""
        return PathFinder.find_spec(name, [str(ROOT)]) if name in PACKAGES else None


def prefer_own_packages() -> None:
    """Have this process import our packages and no other of these names: for processes that are ours alone.

    ``python -m`` looks into the working directory first, and many projects have a ``tasks.py``.
    """
    if not any(isinstance(finder, _OwnPackages) for finder in sys.meta_path):
        sys.meta_path.insert(0, _OwnPackages())


@contextmanager
def safe_path() -> Iterator[None]:
    """Keep the working directory out of the path of a Python that is started meanwhile, unless it is our own."""
    if SAFE_PATH in os.environ or Path.cwd() == ROOT:
        yield
        return
    os.environ[SAFE_PATH] = OURS
    try:
        yield
    finally:
        del os.environ[SAFE_PATH]


def forget_safe_path() -> None:
    """Let what this process starts have the path that it would have had without :func:`safe_path`."""
    if os.environ.get(SAFE_PATH) == OURS:
        del os.environ[SAFE_PATH]
