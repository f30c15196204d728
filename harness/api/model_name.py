"""What a model is called: by itself, or as ``NAME=MODEL`` says.

A name is only a label, and yet part of a trial's key: two models of one content under two names are two rows of a
table, each with results of its own, and file names made of names are not unique. What a model's content is, such as the
hash of a checkpoint, is in its identity and never in its name.
"""

import os.path

from harness.errors import UsageError

MAX_LENGTH = 200


def split_name(asked: str) -> tuple[str, str]:
    """Return the name that ``NAME=MODEL`` gives, and MODEL; the name is empty where none is given.

    Whatever has a ``/`` before its first ``=``, or is a folder as it stands, is a model without a name of its own:
    ``runs/lr=0.1`` is a folder, and so is ``lr=0.1`` where there is one.

    Raises:
        UsageError: one of the two parts is empty, or the name is none.
    """
    name, sign, model = asked.partition("=")
    if not sign or "/" in name or os.path.isdir(asked):  # noqa: PTH112 (a Path of what is too long for one raises)
        return "", asked
    if not name or not model:
        raise UsageError(f"--model {asked}: expected NAME=MODEL, such as mine=./my-checkpoint.")
    if "\\" in name or not is_name(name):
        raise UsageError(
            f"--model {asked}: {name[:MAX_LENGTH]!r} is no name; expected at most {MAX_LENGTH} printable characters, "
            "neither / nor \\ among them, and no space at an end."
        )
    return name, model


def is_name(name: str) -> bool:
    """Return whether a model may be called so in tables and files: printable, not empty, and not too long."""
    return 0 < len(name) <= MAX_LENGTH and name.isprintable() and name == name.strip()
