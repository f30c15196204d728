"""Calling what others have written: whatever it raises is one line that names its file and the line there."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from harness.errors import HarnessError, InterruptedBySignal, UsageError
from harness.system.accounts import account_of, place_of


@contextmanager
def foreign(what: str) -> Iterator[None]:
    """Call somebody's code in this block; ``what`` says what fails if it does. What it prints is no output of ours.

    Raises:
        UsageError: it raised anything, be it SystemExit.
    """
    try:
        with redirect_stdout(sys.stderr):
            yield
    except (HarnessError, InterruptedBySignal):
        raise
    except BaseException as error:
        place = place_of(error)
        raise UsageError(f"{what}{f' ({place})' if place else ''}: {account_of(error)}.") from error


def file_of(value: object) -> str:
    """Return the file that a function is written in, or the class of a value; an empty text where that is unknown."""
    try:
        code = getattr(value, "__code__", None)
        return str(code.co_filename if code else sys.modules[type(value).__module__].__file__)
    except BaseException:  # noqa: BLE001 (a plugin's values may do anything)
        return ""
