"""A run as a person has it: its progress on standard error, and a Ctrl-C that says how to go on."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from harness.plan import Plan
    from harness.running import Prepared

INTERRUPTED = 130
T = TypeVar("T")
Perform = Callable[["Plan", str], None]
"""Does what a run lacks of a plan, under a name of this stage."""


def attend(prepared: "Prepared", act: Callable[[Perform], T], *, workers: int | None, plugins: tuple[str, ...]) -> T:
    """Return what ``act`` does with the means to perform plans in the run's folder, while somebody watches."""
    from harness.display import console_on
    from harness.engine import Setting
    from harness.progress import watching
    from harness.running import perform

    setting = Setting(
        device=prepared.device,
        num_workers=num_workers(workers, prepared.device),
        plugins=plugins,
        model_names=prepared.model_names,
    )
    try:
        with watching(console_on(stderr=True)) as watcher:
            return act(lambda plan, stage: perform(replace(prepared, plan=plan), setting, watcher, stage))
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the same command goes on from here:\n")
        sys.stderr.write(f"  {prepared.info.commands[-1]}\n")
        sys.exit(INTERRUPTED)


def num_workers(asked: int | None, device: str) -> int:
    """Return how many trials to run at a time: each has one thread, so on a CPU as many as there are cores."""
    if asked is not None:
        return asked
    from harness.machine import num_cores

    return num_cores() if device == "cpu" else 1
