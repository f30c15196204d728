"""What paths give away, and texts without it: what is published tells no more than was given on a command line.

The home folder is ``~``. A message may name files in full, which nobody gave so: of them the end alone is left.
"""

import os.path
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_BEFORE, _AFTER = r"(?<![\w.~-])", r"(?![\w.-])"
_PART = r"[^\s/'\"<>|:;,()\[\]]"
_ANY_HOME = re.compile(rf"{_BEFORE}/(?:(?:home|Users)/{_PART}+|root{_AFTER})")
"""Where systems keep homes: that of whoever made a run elsewhere."""
_ABSOLUTE = re.compile(rf"(?<![\w.:/~-])~?/(?:{_PART}+/)+({_PART}*)")
_LIBRARY = re.compile(rf"(?<![\w.:/~-])~?/(?:{_PART}+/)*(?:site|dist)-packages/")


def without_own_home(text: str) -> str:
    """Return a text in which the home folder of whoever runs this is ``~``."""
    for pattern in _own(os.path.expanduser("~")):  # noqa: PTH111 (a Path would raise where there is no home)
        text = pattern.sub("~", text)
    return text


@cache
def _own(home: str) -> tuple[re.Pattern[str], ...]:
    folders = {os.path.normpath(home), os.path.realpath(home)} if os.path.isabs(home) else set()  # noqa: PTH117
    return tuple(_whole(folder) for folder in sorted(folders - {"/", "//"}))


def _whole(folder: str) -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}{re.escape(folder)}{_AFTER}")


def published_command(text: str) -> str:
    """Return what was given on a command line, paths as they were given, but for every home folder, which is ``~``."""
    return _ANY_HOME.sub("~", without_own_home(text))


def published_message(text: str) -> str:
    """Return a message whose paths are relative to the working directory or to a library, or else their ends."""
    for folder in _here():
        text = re.sub(rf"{_BEFORE}{re.escape(folder)}/", "", text)
    return _ABSOLUTE.sub(r"…/\1", _LIBRARY.sub("", published_command(text)))


def _here() -> Iterator[str]:
    """Yield the working directory as the system calls it and as the shell does."""
    yield from {folder for folder in (os.path.realpath("."), os.environ.get("PWD", "")) if len(Path(folder).parts) > 1}
