"""Models that end in every way that a model should not; used as a plugin file."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from harness import Example, FitSession, History, Model, ModelSpec, Output, Prediction, Task

HOUR = 3600
CHILD = "child.pid"


class SilentError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("nothing is said")


class ExitingError(Exception):
    def __str__(self) -> str:  # noqa: PLE0307
        sys.exit(0)

    __repr__ = __str__


class NumberError(Exception):
    def __str__(self) -> str:
        return 3  # type: ignore[return-value] # noqa: PLE0307


class ShapelessError(Exception):
    """Its traceback cannot be formatted."""

    @property
    def __notes__(self) -> NoReturn:
        raise RuntimeError("no notes")


class PrivateError(Exception):
    """Holds what cannot be pickled."""

    def __init__(self) -> None:
        super().__init__(threading.Lock())


def throw(error: BaseException) -> None:
    raise error


def go_deeper(depth: int) -> int:
    return go_deeper(depth + 1)


def leave_a_thread() -> None:
    threading.Thread(target=time.sleep, args=(HOUR,)).start()


def leave_a_process(session: FitSession) -> None:
    """Leave one that holds all that the worker does, its locks included."""
    child = os.fork()
    if not child:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(HOUR)
        os._exit(0)
    assert session.checkpoint
    (session.checkpoint.parent / CHILD).write_text(str(child))


def die_and_leave_a_process(session: FitSession) -> None:
    leave_a_process(session)
    os._exit(5)


def remove_the_folder() -> None:
    folder = Path("gone").absolute()
    folder.mkdir(exist_ok=True)
    os.chdir(folder)
    shutil.rmtree(folder)


def close_everything() -> None:
    os.closerange(0, 256)


def limit_files(size: int) -> None:
    """Let no file grow beyond this, as if the disk were full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def fill_the_disk() -> None:
    limit_files(0)
    raise ValueError("planted")


def print_garbage() -> None:
    os.write(1, bytes(range(256)))
    print("\x1b]0;title\x07", "\udcff".encode(errors="surrogateescape"), file=sys.stderr)  # noqa: T201
    subprocess.run(["echo", "from a child"], check=True)


ACTS: dict[str, Callable[[], object]] = {
    "exits": lambda: sys.exit(3),
    "exits in words": lambda: sys.exit("no more"),
    "dies well": lambda: os._exit(0),
    "dies": lambda: os._exit(3),
    "interrupts": lambda: throw(KeyboardInterrupt()),
    "throws no exception": lambda: throw(BaseException("planted")),
    "silent": lambda: throw(SilentError()),
    "exiting": lambda: throw(ExitingError()),
    "number": lambda: throw(NumberError()),
    "shapeless": lambda: throw(ShapelessError("planted")),
    "private": lambda: throw(PrivateError()),
    "control": lambda: throw(ValueError("one\ntwo\x1b[2J\u202ethree\udc00 [/four]")),
    "long": lambda: throw(ValueError("a" * 3_000_000)),
    "group": lambda: throw(ExceptionGroup("both", [ValueError("one"), ExceptionGroup("in", [OSError("two")])])),
    "deep": lambda: go_deeper(0),
    "is killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "aborts": os.abort,
    "closes": close_everything,
    "full disk": fill_the_disk,
    "closes output": lambda: (os.close(1), os.close(2)),
    "garbage": print_garbage,
    "goes away": lambda: os.chdir("/"),
    "removes": remove_the_folder,
    "leaves a thread": leave_a_thread,
}
PROCESSES: dict[str, Callable[[FitSession], None]] = {
    "leaves a process": leave_a_process,
    "dies and leaves a process": die_and_leave_a_process,
}


class Failing:
    """A model that says 0, after doing what its name says; while its speed is measured as well."""

    num_parameters = 0

    def __init__(self, name: str) -> None:
        self.name = name

    def fit(self, train: Sequence[Example], session: FitSession) -> History:
        if self.name in ACTS:
            ACTS[self.name]()
        elif self.name in PROCESSES:
            PROCESSES[self.name](session)
        return History()

    def predict(self, examples: Sequence[Example]) -> list[Prediction]:
        return [Prediction(value=0, scores=(1.0, 0.0)) for _ in examples]


@dataclass(frozen=True, kw_only=True)
class FailingSpec(ModelSpec):
    def supports(self, output: Output) -> bool:
        return True

    def build(self, task: Task, *, seed: int, device: str) -> Model:
        return Failing(self.name)

    def identity(self) -> Mapping[str, Any]:
        return {"name": self.name}


globals().update({f"MODEL_{index}": FailingSpec(name=name) for index, name in enumerate([*ACTS, *PROCESSES])})
GOOD = FailingSpec(name="good")
