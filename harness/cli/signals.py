"""What asks a command to end: Ctrl-C, SIGTERM, SIGHUP. Each is a KeyboardInterrupt, once."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from harness.errors import InterruptedBySignal

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_SECONDS = 5.0
"""While a command ends, which takes less, it cannot be interrupted again; afterwards it has not heard, and can be."""


class Interruption:
    """Which signal came first, if one did, and when."""

    def __init__(self) -> None:
        self.number = 0
        self._heard = 0.0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Hear a signal.

        Raises:
            InterruptedBySignal: unless one was heard a moment ago.
        """
        now = time.monotonic()
        if self.number and now - self._heard < PATIENCE_SECONDS:
            return
        self.number, self._heard = self.number or number, now
        raise InterruptedBySignal

    @property
    def exit_code(self) -> int:
        """The convention of shells: 128 and the signal's number."""
        return 128 + (self.number or signal.SIGINT)


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Hear signals meanwhile, and to the end of the process once one came; those that are ignored stay so."""
    heard = Interruption()
    usual = {}
    if threading.current_thread() is threading.main_thread():
        asked = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        usual = {number: signal.signal(number, heard) for number in asked}
    try:
        yield heard
    finally:
        if not heard.number:
            for number, handler in usual.items():
                signal.signal(number, handler)
