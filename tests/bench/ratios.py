"""How many times as fast a fast twin is as the readable version, measured so that a busy machine disturbs it little."""

import time
from collections.abc import Callable

MIN_ROUNDS, MIN_SECONDS = 5, 0.4


def speedup(readable: Callable[[], object], fast: Callable[[], object]) -> float:
    """Return the readable version's CPU time over the fast one's: the shortest of some rounds, taken in turn.

    The CPU time is that of this process with all its threads, to which other processes add nothing but cold caches.
    """
    of_readable, of_fast = shortest(readable, fast)
    return of_readable / of_fast


def shortest(*functions: Callable[[], object]) -> list[float]:
    """Return the CPU seconds of each function: the shortest of some rounds, in which they come in turn."""
    least, total, rounds = [float("inf")] * len(functions), 0.0, 0
    for function in functions:
        function()  # to warm up
    while rounds < MIN_ROUNDS or total < MIN_SECONDS:
        for number, function in enumerate(functions):
            begun = time.process_time()
            function()
            seconds = time.process_time() - begun
            least[number], total = min(least[number], seconds), total + seconds
        rounds += 1
    return least


def assert_speedup(readable: Callable[[], object], fast: Callable[[], object], *, least: float) -> None:
    """Fail if the fast version is not ``least`` times as fast, measured twice more before it is believed."""
    found = speedup(readable, fast)
    for _ in range(2):
        if found >= least:
            break
        found = max(found, speedup(readable, fast))
    assert found >= least, f"{found:.2f} times as fast as the readable version; expected at least {least:g} times"
