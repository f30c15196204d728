"""The cores of a run: each trial has one of its own, and computes parts of a step on those that nobody uses.

The parts are the same whether or not a core is free, each computed by one thread: predictions do not depend on it.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from harness.system.locks import claim

POLL_SECONDS = 0.02

Item = TypeVar("Item")
Value = TypeVar("Value")


class Cores:
    """As many lock files in ``folder`` as there are cores: a process that dies gives back its own.

    Without any, all is done in the calling thread. ``borrowed_seconds`` counts what other cores have done for it.
    """

    def __init__(self, folder: Path | None = None, count: int = 0) -> None:
        self._locks = [folder / str(number) for number in range(count)] if folder else []
        self._threads: ThreadPoolExecutor | None = None
        self.borrowed_seconds = 0.0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a core; wait until one is free."""
        with ExitStack() as stack:
            while self._locks and not self._borrow(stack, 1):
                time.sleep(POLL_SECONDS)
            yield

    def map(self, function: Callable[[Item], Value], items: Sequence[Item]) -> Iterator[Value]:
        """Yield the values of ``function``, in order, computed side by side as far as cores are free."""
        with ExitStack() as stack:
            num_borrowed = self._borrow(stack, len(items) - 1)
            if num_borrowed:
                started = time.perf_counter()
                values = self._side_by_side(function, items, num_borrowed)
                self.borrowed_seconds += num_borrowed * (time.perf_counter() - started)
        yield from values if num_borrowed else map(function, items)

    def _borrow(self, stack: ExitStack, most: int) -> int:
        """Take free cores until the stack is closed; return how many."""
        borrowed = 0
        for lock in self._locks:
            if borrowed < most and stack.enter_context(claim(lock)):
                borrowed += 1
        return borrowed

    def _side_by_side(self, function: Callable[[Item], Value], items: Sequence[Item], num_borrowed: int) -> list[Value]:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(len(self._locks))
        queue = iter(enumerate(items))  # made in C: each next() is one step for all threads
        values: dict[int, Value] = {}

        def work() -> None:
            for number, item in queue:
                values[number] = function(item)

        futures = [self._threads.submit(work) for _ in range(num_borrowed)]
        try:
            work()
        finally:
            wait(futures)
        for future in futures:
            future.result()
        return [values[number] for number in range(len(items))]
