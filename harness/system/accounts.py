"""How an exception reads: in one line, and with its traceback. Nothing that an exception does can make this fail.

Exceptions come from models and plugins: their ``__str__`` may raise, exit, or return anything of any length.
"""

import traceback

from harness.errors import HarnessError
from harness.markup import one_line, printable, shortened

MAX_MESSAGE, MAX_TRACEBACK = 500, 20_000
"""Characters."""


def account_of(error: BaseException, most: int = MAX_MESSAGE) -> str:
    """Return ``TypeName: what it says`` in one line; of a mistake that the user can mend, what it says alone."""
    name, text = _name_of(error), _text_of(error)
    if not text:
        return name
    return shortened(text if isinstance(error, HarnessError) else f"{name}: {text}", most)


def traceback_of(error: BaseException) -> str:
    """Return the whole traceback, with nothing in it that a terminal or a page would obey."""
    try:
        return printable("".join(traceback.format_exception(error)))
    except BaseException as another:  # noqa: BLE001 (exceptions may bring whatever they like)
        return f"{account_of(error)}\n(its traceback cannot be formatted: {_name_of(another)})\n"


def place_of(error: BaseException, file: str) -> str:
    """Return ``FILE, line N``, the last line of ``file`` that the error went through; the file where there is none."""
    try:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        if isinstance(error, SyntaxError) and error.filename == file and not lines:
            lines = [error.lineno]
        return f"{file}, line {lines[-1]:d}" if lines else file
    except BaseException:  # noqa: BLE001
        return file


def _name_of(error: BaseException) -> str:
    try:
        return shortened(one_line(str.__str__(type(error).__name__)), 100)
    except BaseException:  # noqa: BLE001
        return "an exception"


def _text_of(error: BaseException) -> str:
    try:
        return one_line(str.__str__(str(error)))
    except BaseException as another:  # noqa: BLE001
        return f"(what it says is unknown: its __str__ raises {_name_of(another)})"
