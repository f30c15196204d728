"""A run as a person has it: its progress on standard error, and a Ctrl-C that says how to go on."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from harness.engine.options import num_workers

if TYPE_CHECKING:
    from harness.engine.perform import Perform
    from harness.plan.request import Prepared

INTERRUPTED = 130
T = TypeVar("T")


def attend(prepared: "Prepared", act: Callable[["Perform"], T], *, workers: int | None, plugins: tuple[str, ...]) -> T:
    """Return what ``act`` does with the means to perform plans in the run's folder, and show how far they are."""
    from harness.cli.display import console_on
    from harness.cli.progress import listening
    from harness.engine.local import LocalEngine
    from harness.engine.options import Options
    from harness.engine.perform import perform

    engine = LocalEngine()
    options = Options(
        device=prepared.device,
        num_workers=num_workers(workers, prepared.device),
        plugins=plugins,
        model_names=prepared.model_names,
    )
    try:
        with listening(console_on(stderr=True)) as listener:
            return act(lambda plan, stage: perform(replace(prepared, plan=plan), options, engine, listener, stage))
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the same command goes on from here:\n")
        sys.stderr.write(f"  {prepared.info.commands[-1]}\n")
        sys.exit(INTERRUPTED)
