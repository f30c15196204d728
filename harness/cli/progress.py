"""What a person sees while a run goes on: the grid, the pairs in hand, an honest time left; on standard error."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from harness.engine.watcher import Watcher

MIN_SHARE_TO_ESTIMATE = 0.01
"""Before this share of the work is done, no time left is given: it would be a guess."""


class Clock:
    """The time left: work to do, over the rate at which work was done so far in this stage."""

    def __init__(self, work: dict[str, float]) -> None:
        self._work = work
        self._shares = dict.fromkeys(work, 0.0)
        self._ended: set[str] = set()
        self._started = time.monotonic()

    def tell(self, label: str, share: float) -> None:
        """Take in the share of one job that is done."""
        self._shares[label] = share

    def end(self, label: str) -> None:
        """Take in that a job ended."""
        self._shares[label] = 1.0
        self._ended.add(label)

    @property
    def num_ended(self) -> int:
        """How many jobs have ended."""
        return len(self._ended)

    @property
    def num_jobs(self) -> int:
        """How many jobs there are."""
        return len(self._work)

    def left(self) -> str:
        """Return the time left, for a person."""
        done = sum(self._work[label] * share for label, share in self._shares.items())
        left = sum(self._work[label] * (1.0 - share) for label, share in self._shares.items())
        if done < MIN_SHARE_TO_ESTIMATE * (done + left):
            return "estimating the time left"
        return f"about {duration(left * (time.monotonic() - self._started) / done)} left"


def duration(seconds: float) -> str:
    """Return seconds as a person says them: ``45 s``, ``3 min 20 s``, ``2 h 05 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


class PlainWatcher:
    """One line an event, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._clock = Clock({})

    def begin(self, stage: str, work: dict[str, float]) -> None:
        """Say what is to come."""
        self._clock = Clock(work)
        self._console.print(f"{stage}: {len(work)} to do", highlight=False)

    def tell(self, label: str, phase: str, share: float) -> None:
        """Keep count; a log needs no line for each step."""
        self._clock.tell(label, share)

    def end(self, label: str, outcome: str) -> None:
        """Say how a job ended, and what is left."""
        self._clock.end(label)
        count = f"[{self._clock.num_ended}/{self._clock.num_jobs}]"
        line = f"{count} {label}: {outcome} ({self._clock.left()})"
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)


class RichWatcher:
    """A live display: a bar for the grid, and one for each pair in hand."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._clock = Clock({})
        self._grid: TaskID | None = None
        self._bars: dict[str, TaskID] = {}

    def begin(self, stage: str, work: dict[str, float]) -> None:
        """Show the bar of a stage."""
        self._clock = Clock(work)
        if self._grid is not None:
            self._progress.remove_task(self._grid)
        self._grid = self._progress.add_task(stage, total=len(work), phase="starting workers")

    def tell(self, label: str, phase: str, share: float) -> None:
        """Show how far a job is."""
        if label not in self._bars:
            self._bars[label] = self._progress.add_task(label, total=1.0, phase="")
        self._clock.tell(label, share)
        self._progress.update(self._bars[label], completed=share, phase=phase)
        self._refresh()

    def end(self, label: str, outcome: str) -> None:
        """Take a job's bar away; say what went wrong, if anything."""
        self._clock.end(label)
        if label in self._bars:
            self._progress.remove_task(self._bars.pop(label))
        if outcome != "done":
            self._progress.console.print(f"failed: {label}: {outcome}", style="red", markup=False, highlight=False)
        self._refresh()

    def _refresh(self) -> None:
        if self._grid is not None:
            count = f"{self._clock.num_ended} of {self._clock.num_jobs}"
            phase = f"{count}, {self._clock.left()}"
            self._progress.update(self._grid, completed=self._clock.num_ended, phase=phase)


@contextmanager
def watching(console: Console) -> Iterator[Watcher]:
    """Give whoever follows the run: a live display on a terminal, else plain lines."""
    if not console.is_terminal:
        yield PlainWatcher(console)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("[dim]{task.fields[phase]}"))
    with Progress(*columns, console=console) as progress:
        yield RichWatcher(progress)
