"""What the server of workers imports, from our packages, without the collector.

The collector would go through all that is there again and again, and nothing of thousands of modules is garbage: it
takes a third of the time. A worker turns it on again, with what it was born with left out.
"""

import gc
import importlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from harness.system.imports import forget_safe_path, prefer_own_packages

MODULES = "HARNESS_PRELOAD"


@contextmanager
def preloading(modules: Iterable[str]) -> Iterator[None]:
    """Have a server that is started meanwhile import these modules."""
    os.environ[MODULES] = " ".join(modules)
    try:
        yield
    finally:
        del os.environ[MODULES]


def _preload(modules: Iterable[str]) -> None:
    """Import modules, as far as they let themselves be imported: a job that needs one says what is wrong with it."""
    gc.disable()
    forget_safe_path()
    prefer_own_packages()
    os.dup2(2, 1)  # what they print is no part of a command's output
    for module in modules:
        with suppress(BaseException):
            importlib.import_module(module)


if asked := os.environ.pop(MODULES, ""):
    _preload(asked.split())
