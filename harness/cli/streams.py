"""Standard output and error that outlive their reader, their disk and their encoding: a command ends its own way."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast


class LastingStream:
    """A text stream of which ``error`` is the first one met; from then on what is written to it is dropped."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.error: OSError | None = None
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, as long as that can be done."""
        self._unless_lost(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush, as long as that can be done."""
        self._unless_lost(self._stream.flush)

    def _unless_lost(self, action: Callable[[], object]) -> None:
        if self.error is not None:
            return
        try:
            action()
        except OSError as error:
            self.error = error
            with suppress(OSError, ValueError):  # what is in the buffer goes nowhere, when Python ends and flushes it
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


@contextmanager
def lasting_streams() -> Iterator[LastingStream]:
    """Make both streams last meanwhile; gives standard output."""
    _open_missing_descriptors()
    usual = sys.stdout, sys.stderr
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        output, errors = (LastingStream(stream or nowhere) for stream in usual)
        sys.stdout, sys.stderr = cast(TextIO, output), cast(TextIO, errors)
        try:
            yield output
        finally:
            output.flush()
            errors.flush()
            sys.stdout, sys.stderr = usual


def _open_missing_descriptors() -> None:
    """Open what was closed (``>&-``): else the next file that is opened would be standard output to all that prints."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest free one
