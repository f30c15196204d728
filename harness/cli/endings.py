"""How a command ends: with its own exit code, or with one line on standard error and the code of what went wrong.

====  ===========================================================================================================
code  meaning
====  ===========================================================================================================
0     everything is there; of the gate: nothing is worse
1     a trial failed; of the gate: something is worse
2     a mistake that you can mend (a name, an option, a file), or an obstacle (a full disk, permissions, memory);
      of the gate: something is incomparable
70    harness crashed: a bug of ours, with its traceback (EX_SOFTWARE)
74    all went well, but standard output could not be written (EX_IOERR); a closed pipe is no error
129   ended by SIGHUP: the same command goes on from there
130   ended by Ctrl-C, likewise
143   ended by SIGTERM, likewise
====  ===========================================================================================================
"""

import errno
import importlib.metadata
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from harness.cli.signals import interruptible
from harness.cli.streams import LastingStream, lasting_streams
from harness.errors import HarnessError, UsageError
from harness.markup import one_line, shortened
from harness.system.accounts import MAX_TRACEBACK, account_of, traceback_of

USER_ERROR, CRASHED, OUTPUT_LOST = 2, 70, 74
MAX_LINE = 2_000
"""Characters of a line that says what went wrong."""

NO_MEMORY = ("failed to map segment from shared object", "cannot allocate memory")
WRONG_USE: type[Exception] = typer.BadParameter.__bases__[0]  # an option that is unknown, or has no such value

CURES = {
    errno.ENOSPC: "make room on it, or choose another folder with --out (for temporary files: TMPDIR)",
    errno.EDQUOT: "make room, or choose another folder with --out (for temporary files: TMPDIR)",
    errno.EACCES: "choose another folder with --out, or have its permissions changed",
    errno.EPERM: "choose another folder with --out, or have its permissions changed",
    errno.EROFS: "choose another folder with --out",
    errno.ENOENT: "was it removed meanwhile?",
    errno.EEXIST: "expected a folder, or nothing, of that name",
    errno.ENOTDIR: "expected a folder, or nothing, of that name",
    errno.EISDIR: "expected the name of a file",
    errno.ENAMETOOLONG: "choose shorter names",
    errno.ELOOP: "its symbolic links lead in a circle",
    errno.EFBIG: "raise the limit (ulimit -f), or choose another folder with --out",
    errno.EMFILE: "raise the limit (ulimit -n), or give fewer --workers",
    errno.ENFILE: "raise the limit (ulimit -n), or give fewer --workers",
    errno.EAGAIN: "close other programs, or give fewer --workers",
    errno.ENOMEM: "close other programs, or give fewer --workers",
}


def finish(command: Callable[[], int]) -> int:
    """Return the exit code of a command, whatever happens in it; see the table above."""
    with lasting_streams() as output, interruptible() as interruption:
        try:
            code = command()
        except KeyboardInterrupt as error:
            say("interrupted", *getattr(error, "__notes__", ()))
            code = interruption.exit_code
        except BaseException as error:  # noqa: BLE001 (said, each in its way)
            code = _explain(error)
        output.flush()
        return _judge(output, code)


def say(*parts: str) -> None:
    """Say something in one line on standard error."""
    sys.stderr.write(one_line("; ".join(parts)) + "\n")


def check_arguments(arguments: list[str]) -> None:
    """See to it that arguments can be written down.

    Raises:
        UsageError: one has a null byte, or is no text in this locale.
    """
    for argument in arguments:
        if "\0" in argument or argument.encode(errors="replace").decode() != argument:
            raise UsageError(f"argument {argument!a}: no text in this locale; rename the file, or set LC_ALL=C.UTF-8.")


def _explain(error: BaseException) -> int:
    """Say what went wrong; return the exit code that stands for it."""
    if isinstance(error, HarnessError):
        line = account_of(error, MAX_LINE)
    elif isinstance(error, WRONG_USE):
        line = _wrong_use(error)
    elif isinstance(error, OSError):
        line = _obstacle(error)
    elif isinstance(error, MemoryError) or _is_unmapped(error):
        line = "out of memory: close other programs, or give fewer --workers or a lower --limit."
    else:
        return _crash(error)
    say(f"error: {line}")
    return USER_ERROR


def _is_unmapped(error: BaseException) -> bool:
    """Return whether a library could not be loaded for want of memory, which the loader tells in words alone."""
    return isinstance(error, ImportError) and any(words in account_of(error).lower() for words in NO_MEMORY)


def _wrong_use(error: Any) -> str:
    """Return what typer says of an option, without its frames and colours, and without pydantic's names of errors."""
    message = one_line(error.format_message()).removesuffix("?.").rstrip(".?")
    message = message.replace(": Value error, ", ": ").replace(": Input should be ", ": expected ")
    end = "?" if "Did you mean" in message else "."
    return f"{shortened(message, MAX_LINE)}{end} See `{error.ctx.command_path if error.ctx else 'harness'} --help`."


def _obstacle(error: OSError) -> str:
    """Return what the system does not let us do, and what can be done about it."""
    said = error.strerror or account_of(error)
    try:
        Path.cwd()
    except OSError:
        return "the working directory is no longer there; change to one that is."
    names = [os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    cure = CURES.get(error.errno or 0, "")
    return shortened(": ".join([*map(str, names[:1]), one_line(said)]) + (f"; {cure}." if cure else "."), MAX_LINE)


def _crash(error: BaseException) -> int:
    try:
        version = importlib.metadata.version("harness")
    except (importlib.metadata.PackageNotFoundError, MemoryError):
        version = "(unknown version)"
    say(f"error: harness {version} crashed: {account_of(error)}; this is a bug in harness, so please report it:")
    sys.stderr.write(shortened(traceback_of(error), MAX_TRACEBACK))
    return CRASHED


def _judge(output: LastingStream, code: int) -> int:
    """Return the exit code once the output is written, or is not."""
    if output.error is None or isinstance(output.error, BrokenPipeError):
        return code
    say(f"error: standard output cannot be written: {output.error.strerror}.")
    return code or OUTPUT_LOST
