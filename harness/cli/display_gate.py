"""What `run --until-decided` and `run --confirm` print."""

from typing import TYPE_CHECKING

from rich.table import Table

from harness.cli.clock import duration
from harness.system.console import console_on

if TYPE_CHECKING:
    from harness.gate.adaptive import Gated


def show_gated(gated: "Gated") -> None:
    """Show what the gate says of a run, and what deciding early saved."""
    from harness.gate.rendering import text

    console = console_on()
    text.show(gated.report, console)
    if not gated.savings:
        return
    table = Table("task", "model", "seeds", "saved", title="seeds until decided", title_justify="left", box=None)
    for saving in gated.savings:
        left = saving.max_seeds - saving.num_seeds
        saved = f"{left} seeds, about {duration(saving.core_seconds)} of a core" if left else ""
        table.add_row(*saving.pair, f"{saving.num_seeds} of {saving.max_seeds}", saved)
    console.print(table)
    used, most = (sum(getattr(s, name) for s in gated.savings) for name in ("num_seeds", "max_seeds"))
    seconds = duration(sum(saving.core_seconds for saving in gated.savings))
    saved = f"{100 * (most - used) / most:.0f} %"
    console.print(f"{used} of {most} trainings; {saved} saved, about {seconds} of a core")
