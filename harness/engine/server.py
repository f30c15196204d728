"""The server that workers are forked from, which has the libraries loaded: Python's own, started with care.

It ignores Ctrl-C from its first moment on, nothing that it imports can end it or print into a command's output, and its
socket lies in a folder whose name is short enough for one.
"""

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, process, resource_tracker

from harness.errors import UsageError
from harness.system import temporary_folders
from harness.system.imports import safe_path
from harness.system.memory import keep_freed_memory
from harness.system.preload import preloading

MODULES = ("harness.engine.worker", "sklearn.metrics", "scipy.stats", "pyarrow.parquet")
LONGEST_FOLDER = 60
"""Characters: a socket's path has at most 107 on Linux and 103 on macOS, and ends in two names that Python makes."""
SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")


def start(modules: Iterable[str]) -> None:
    """Start the server, unless it runs; it imports these modules and our own while this process goes on."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["harness.system.preload"])
    keep_freed_memory()
    temporary_folders.sweep()
    process.ORIGINAL_DIR = None  # type: ignore[attr-defined] # a model may have removed it, so workers do not go there
    with safe_path(), _short_temporary_folder(), preloading([*MODULES, *modules]), _without_interrupts():
        forkserver.ensure_running()
        temporary_folders.mark()


def stop() -> None:
    """End the server at once, where it would first import all that it was asked for."""
    if pid := getattr(forkserver._forkserver, "_forkserver_pid", None):  # Python has no other way to it
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        forkserver._forkserver._stop()  # type: ignore[attr-defined]


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold back Ctrl-C; what is started meanwhile never gets one."""
    resource_tracker.ensure_running()  # on its own it would let interrupts through again
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


@contextmanager
def _short_temporary_folder() -> Iterator[None]:
    """Have temporary files in a folder with a short name meanwhile.

    Raises:
        UsageError: there is none that can be written.
    """
    usual = tempfile.gettempdir()
    if len(os.fsencode(usual)) <= LONGEST_FOLDER:
        yield
        return
    short = next((folder for folder in SHORT_FOLDERS if os.access(folder, os.W_OK | os.X_OK)), None)
    if short is None:
        raise UsageError(f"TMPDIR {usual}: too long for a socket; set it to a folder of {LONGEST_FOLDER} characters.")
    tempfile.tempdir = short
    try:
        yield
    finally:
        tempfile.tempdir = usual
