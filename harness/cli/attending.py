"""A run as a person has it: its progress on standard error, and a Ctrl-C that says how to go on."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from harness.engine.options import num_workers

if TYPE_CHECKING:
    from harness.engine.perform import Perform
    from harness.plan.request import Prepared

T = TypeVar("T")


def attend(prepared: "Prepared", act: Callable[["Perform"], T], *, workers: int | None, plugins: tuple[str, ...]) -> T:
    """Return what ``act`` does with the means to perform plans in the run's folder, and show how far they are."""
    from harness.cli.progress import listening
    from harness.engine.local import LocalEngine
    from harness.engine.options import Options
    from harness.engine.perform import perform
    from harness.system.console import console_on

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
    except KeyboardInterrupt as error:
        error.add_note(f"the same command goes on from here: {prepared.info.commands[-1]}")
        raise
