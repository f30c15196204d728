"""Every error that is meant for a person: one line that says what, where, what was expected and how to mend it.

``HarnessError``
 ├── ``UsageError``       a name, option or combination that cannot be
 ├── ``DataError``        a row, file or source that is not what its format says
 ├── ``SubmissionError``  somebody's answers cannot be scored
 ├── ``RunError``         a run folder that cannot be read or used
 ├── ``GateError``        a reference or a run that nothing can be judged by
 ├── ``TrainingError``    a model that could not be trained
 └── ``PredictionError``  a model whose predictions are not of the task's kind
"""

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class HarnessError(Exception):
    """A mistake that the user can mend; printed without a traceback, exit code 2."""


class UsageError(HarnessError):
    """A name, an option or a combination of them that cannot be."""


class DataError(HarnessError):
    """A row, a file or a data source that is not what its format says."""


class SubmissionError(HarnessError):
    """A file of predictions that cannot be scored."""


class RunError(HarnessError):
    """A run folder that cannot be read, or that holds something else than is asked of it."""


class GateError(HarnessError):
    """A reference file that cannot be read, or a run or a reference that nothing can be judged by."""


class TrainingError(HarnessError):
    """A model that could not be trained: the loss stayed non-finite, or one example alone does not fit into memory."""


class PredictionError(HarnessError):
    """Predictions that are not finite numbers, not one an example, or not what the task's kind of answer allows."""


class InterruptedBySignal(KeyboardInterrupt):
    """Somebody asked this process to end; a plain KeyboardInterrupt may have been raised by a plugin."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``' Did you mean X?'`` for the nearest known names, or an empty string."""
    by_case = {each.casefold(): each for each in known}
    near = [by_case[each] for each in difflib.get_close_matches(name.casefold(), by_case, n=3, cutoff=0.6)]
    return f" Did you mean {' or '.join(near)}?" if near else ""


def first_mistake(error: "ValidationError") -> str:
    """Return what first does not fit a schema, as ``pairs[0].score: Field required``."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    return f"{where or 'the file'}: {first['msg']}"
