"""What a person sees while a run goes on: a live line a worker at a terminal, a line a trial in a log."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column

from harness.cli.clock import Clock
from harness.engine.events import DataRead, Event, JobEnded, JobProgressed, Listener, Mended, StageBegan
from harness.engine.job import Job
from harness.store.records import Failure

BAR_WIDTH = 20

NumExamples = Mapping[str, Mapping[str, int]]
"""Counts by task and split."""


def examples_text(num_examples: NumExamples, num_held: NumExamples) -> str:
    """Return how many examples each split has, of how many: ``mrpc 200 of 3,668 train / 408 validation; ...``."""

    def text(task: str, split: str, count: int) -> str:
        held = num_held.get(task, {}).get(split, count)
        return f"{count:,} of {held:,} {split}" if held > count else f"{count:,} {split}"

    tasks = (
        f"{task} {' / '.join(text(task, split, count) for split, count in splits.items())}"
        for task, splits in num_examples.items()
    )
    return f"examples: {'; '.join(tasks)}"


def stage_text(began: StageBegan) -> str:
    """Return what there is to do, and what is done already."""
    if not began.work:
        name, comma, more = began.stage.partition(",")
        return f"all {began.num_cached} {name} cached{comma}{more}"
    return f"{began.stage}: {len(began.work)} to do" + (f", {began.num_cached} cached" if began.num_cached else "")


class PlainListener:
    """One line an event, for logs; none for a step."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._clock = Clock({})
        self._examples = ""

    def __call__(self, event: Event) -> None:
        """Say what is to come, how a job ended, and what is left."""
        match event:
            case DataRead():
                if (text := examples_text(event.num_examples, event.num_held)) != self._examples:
                    self._say(text)
                self._examples = text
            case StageBegan(work=work):
                self._clock = Clock(work, num_measurements=event.num_measurements)
                self._say(stage_text(event))
            case JobProgressed(job=job, fraction=fraction):
                self._clock.advance(job, fraction)
            case JobEnded(job=job, failure=failure):
                self._clock.end(job)
                outcome = f" failed: {failure.message}" if failure else ""
                count = f"[{self._clock.num_ended}/{self._clock.num_jobs}]"
                self._say(f"{count} {job.label}{outcome} ({self._clock.left()})")
            case Mended(account=account):
                self._say(account)

    def _say(self, line: str) -> None:
        self._console.print(line, soft_wrap=True)


class RichListener:
    """A live display: a line for the stage, and one for each job in hand."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._clock = Clock({})
        self._stage: TaskID | None = None
        self._bars: dict[str, TaskID] = {}
        self._examples = ""

    def __call__(self, event: Event) -> None:
        """Show it."""
        match event:
            case DataRead():
                if (text := examples_text(event.num_examples, event.num_held)) != self._examples:
                    self._say(text)
                self._examples = text
            case StageBegan():
                self._begin(event)
            case JobProgressed(job=job, phase=phase, fraction=fraction):
                self._advance(job, phase, fraction)
            case JobEnded(job=job, failure=failure):
                self._end(job, failure)
            case Mended(account=account):
                self._say(account, style="yellow")

    def _say(self, line: str, style: str = "") -> None:
        self._progress.console.print(line, style=style)

    def _begin(self, event: StageBegan) -> None:
        self._clock = Clock(event.work, num_measurements=event.num_measurements)
        if self._stage is not None:
            self._progress.remove_task(self._stage)
            self._stage = None
        if not event.work or event.num_cached:
            self._say(stage_text(event))
        if event.work:
            self._stage = self._progress.add_task(event.stage, total=len(event.work), phase="starting workers")

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
            self._say(f"failed: {job.label}: {failure.message}", style="red")
        self._refresh()

    def _refresh(self) -> None:
        if self._stage is not None:
            count = f"{self._clock.num_ended} of {self._clock.num_jobs}"
            phase = f"{count}, {self._clock.left()}"
            self._progress.update(self._stage, completed=self._clock.num_ended, phase=phase)


@contextmanager
def listening(console: Console) -> Iterator[Listener]:
    """Give who shows the run: a live display on a terminal, else plain lines."""
    if not console.is_terminal:
        yield PlainListener(console)
        return
    columns = (
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
        BarColumn(BAR_WIDTH),
        TextColumn("{task.fields[phase]}", style="dim", markup=False, table_column=Column(no_wrap=True)),
    )
    with Progress(*columns, console=console) as progress:
        yield RichListener(progress)
