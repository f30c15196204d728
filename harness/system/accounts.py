"""How an exception reads: in one line, and with its traceback. Nothing that an exception does can make this fail.

Exceptions come from models and plugins: their ``__str__`` may raise, exit, or return anything of any length.
"""

import importlib
import traceback
from pathlib import Path

from harness.errors import HarnessError
from harness.markup import one_line, printable, shortened

OURS, IMPORTLIB = Path(__file__).parents[1], Path(importlib.__file__).parent
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


def place_of(error: BaseException) -> str:
    """Return ``FILE:LINE`` of the code outside this package that an exception was raised in; empty where none was.

    Of what that file called, such as the standard library, it is the line of the call.
    """
    try:
        steps = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
        if isinstance(error, SyntaxError):
            steps.append((str(error.filename), error.lineno or 0))
        outside = [(file, line) for file, line in steps if _is_outside(file)]
        return next((f"{file}:{line:d}" for file, line in reversed(outside) if file == outside[0][0]), "")
    except BaseException:  # noqa: BLE001
        return ""


def _is_outside(file: str) -> bool:
    return not file.startswith("<") and not any(Path(file).is_relative_to(folder) for folder in (OURS, IMPORTLIB))


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
