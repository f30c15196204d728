"""What a person sees while a run goes on: the grid, the pairs in hand, an honest time left; on standard error."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from harness.engine.events import Event, JobEnded, JobProgressed, Listener, Mended, StageBegan
from harness.engine.job import Job
from harness.store.records import Failure

MIN_FRACTION_TO_ESTIMATE = 0.01
"""Before this fraction of the work is done, no time left is given: it would be a guess."""


class Clock:
    """The time left: work to do, over the rate at which work was done so far in this stage."""

    def __init__(self, work: Mapping[Job, float]) -> None:
        self._work = {job.key: size for job, size in work.items()}
        self._fractions = dict.fromkeys(self._work, 0.0)
        self._ended: set[str] = set()
        self._started = time.monotonic()

    def advance(self, job: Job, fraction: float) -> None:
        """Take in the fraction of one job that is done."""
        self._fractions[job.key] = fraction

    def end(self, job: Job) -> None:
        """Take in that a job ended."""
        self._fractions[job.key] = 1.0
        self._ended.add(job.key)

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
        done = sum(self._work[key] * fraction for key, fraction in self._fractions.items())
        left = sum(self._work[key] * (1.0 - fraction) for key, fraction in self._fractions.items())
        if done < MIN_FRACTION_TO_ESTIMATE * (done + left):
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


class PlainListener:
    """One line an event, for logs; none for a step."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._clock = Clock({})

    def __call__(self, event: Event) -> None:
        """Say what is to come, how a job ended, and what is left."""
        match event:
            case StageBegan(stage=stage, work=work):
                self._clock = Clock(work)
                self._console.print(f"{stage}: {len(work)} to do")
            case JobProgressed(job=job, fraction=fraction):
                self._clock.advance(job, fraction)
            case JobEnded(job=job, failure=failure):
                self._clock.end(job)
                count = f"[{self._clock.num_ended}/{self._clock.num_jobs}]"
                outcome = failure.message if failure else "done"
                line = f"{count} {job.label}: {outcome} ({self._clock.left()})"
                self._console.print(line, soft_wrap=True)
            case Mended(account=account):
                self._console.print(account, soft_wrap=True)


class RichListener:
    """A live display: a bar for the grid, and one for each job in hand."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._clock = Clock({})
        self._grid: TaskID | None = None
        self._bars: dict[str, TaskID] = {}

    def __call__(self, event: Event) -> None:
        """Show it."""
        match event:
            case StageBegan(stage=stage, work=work):
                self._begin(stage, work)
            case JobProgressed(job=job, phase=phase, fraction=fraction):
                self._advance(job, phase, fraction)
            case JobEnded(job=job, failure=failure):
                self._end(job, failure)
            case Mended(account=account):
                self._progress.console.print(account, style="yellow", markup=False, highlight=False)

    def _begin(self, stage: str, work: Mapping[Job, float]) -> None:
        self._clock = Clock(work)
        if self._grid is not None:
            self._progress.remove_task(self._grid)
        self._grid = self._progress.add_task(stage, total=len(work), phase="starting workers")

    def _advance(self, job: Job, phase: str, fraction: float) -> None:
        if job.key not in self._bars:
            self._bars[job.key] = self._progress.add_task(job.label, total=1.0, phase="")
        self._clock.advance(job, fraction)
        self._progress.update(self._bars[job.key], completed=fraction, phase=phase)
        self._refresh()

    def _end(self, job: Job, failure: Failure | None) -> None:
        self._clock.end(job)
        if job.key in self._bars:
            self._progress.remove_task(self._bars.pop(job.key))
        if failure:
            line = f"failed: {job.label}: {failure.message}"
            self._progress.console.print(line, style="red")
        self._refresh()

    def _refresh(self) -> None:
        if self._grid is not None:
            count = f"{self._clock.num_ended} of {self._clock.num_jobs}"
            phase = f"{count}, {self._clock.left()}"
            self._progress.update(self._grid, completed=self._clock.num_ended, phase=phase)


@contextmanager
def listening(console: Console) -> Iterator[Listener]:
    """Give who shows the run: a live display on a terminal, else plain lines."""
    if not console.is_terminal:
        yield PlainListener(console)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[phase]}", style="dim", markup=False),
    )
    with Progress(*columns, console=console) as progress:
        yield RichListener(progress)
