"""A plan done in its run folder."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.engine.local import run_plan
from harness.engine.settings import Setting
from harness.engine.watcher import Watcher
from harness.errors import RunError
from harness.plan.request import Prepared

if TYPE_CHECKING:
    from harness.plan.plan import Plan

Perform = Callable[["Plan", str], None]
"""Does what a run lacks of a plan, under a name of this stage."""


def perform(prepared: Prepared, setting: Setting, watcher: Watcher, stage: str = "trials") -> None:
    """Do what the run lacks; ``stage`` is what its trials are called meanwhile.

    Raises:
        RunError: the run's folder cannot be written.
    """
    try:
        if not prepared.run.info_path.is_file() or prepared.run.info() != prepared.info:
            prepared.run.save_info(prepared.info)
    except OSError as error:
        folder = prepared.run.folder
        raise RunError(f"--out {folder}: cannot be written: {error.strerror}; expected a folder of yours.") from error
    run_plan(prepared.plan, prepared.run, setting, watcher, stage)
