"""The command `verify`: every file of a run, checked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import Json

if TYPE_CHECKING:
    from harness.store.verification import Problem, Verification

PROBLEMS_FOUND = 1


def verify(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder made by `run`.")],
    as_json: Json = False,
) -> None:
    """Check every file of a run, and say what the next `run` would redo. Exit code 0: intact; 1: damaged."""
    from harness.cli.display import print_json
    from harness.store.run import Run
    from harness.store.verification import verify as check
    from harness.system.console import console_on

    found = check(Run.open(run))
    if as_json:
        print_json({"run": str(run), **_document(found)})
    else:
        console = console_on()
        for line in _lines(run, found):
            console.print(line, soft_wrap=True)
    raise typer.Exit(PROBLEMS_FOUND if found.problems else 0)


def _document(found: "Verification") -> dict[str, Any]:
    return {
        "num_files": found.num_files,
        "unsealed": [str(path) for path in found.unsealed],
        "problems": [{"path": str(p.path), "reason": p.reason, "cure": p.cure} for p in found.problems],
        "trials": _trials(found.problems),
        "speeds": _speeds(found.problems),
    }


def _lines(run: Path, found: "Verification") -> list[str]:
    lines = [f"{problem.path}: {problem.reason}; {problem.cure}" for problem in found.problems]
    lines += [f"{path}: no checksum (made by an earlier version)" for path in found.unsealed]
    trials, speeds = _trials(found.problems), _speeds(found.problems)
    lines += [f"to do again: trial {key}" for key in trials] + [f"to measure again: {key}" for key in speeds]
    count = len(found.problems)
    state = f"{count} problem{'s' * (count > 1)}" if count else "whole"
    return [*lines, f"{run}: {found.num_files} files checked: {state}"]


def _trials(problems: "tuple[Problem, ...]") -> list[str]:
    return sorted({problem.trial for problem in problems if problem.trial})


def _speeds(problems: "tuple[Problem, ...]") -> list[str]:
    return sorted({problem.speed for problem in problems if problem.speed})
