"""What a person sees while a model is pretrained: tokens a second, the loss on held-out text, the time left."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from harness.cli.clock import duration

PLAIN_SECONDS = 30.0
"""Between two lines of a log."""
MIN_SECONDS, MIN_STEPS = 3.0, 3
"""Before so much was done, no time left is given: it would be a guess."""


class Pace:
    """How fast steps are done, from the second one of this process on: the first has much to set up."""

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None
        self._now = (0, 0.0)

    def step(self, step: int) -> None:
        """Take in that so many steps are done."""
        self._now = (step, time.monotonic())
        self._first = self._first or self._now

    def seconds_a_step(self) -> float | None:
        """Return it, evaluations and checkpoints included; ``None`` as long as too little is known."""
        if self._first is None:
            return None
        steps, seconds = self._now[0] - self._first[0], self._now[1] - self._first[1]
        return seconds / steps if steps >= MIN_STEPS and seconds >= MIN_SECONDS else None


class PretrainingListener:
    """Tells of a pretraining: in a live display on a terminal, else in a line every so often."""

    def __init__(self, console: Console, progress: Progress | None) -> None:
        self._console, self._progress = console, progress
        self._pace = Pace()
        self._task: TaskID | None = None
        self._loss, self._said = "", 0.0

    def stage(self, text: str) -> None:
        """Say what is done now."""
        self._console.print(text, soft_wrap=True)

    def evaluated(self, loss: float, bits_per_byte: float) -> None:
        """Keep the loss for the next line."""
        self._loss = f"held-out loss {loss:.4f}, {bits_per_byte:.4f} bits a byte, "
        self._said = 0.0

    def step(self, step: int, num_steps: int, *, tokens: int) -> None:
        """Show how far it is."""
        self._pace.step(step)
        seconds = self._pace.seconds_a_step()
        left = "estimating …" if seconds is None else f"about {duration((num_steps - step) * seconds)} left"
        speed = "" if seconds is None else f"{tokens / seconds:,.0f} tokens/s, "
        text = f"step {step:,} of {num_steps:,}, {self._loss}{speed}{left}"
        if self._progress is not None:
            if self._task is None:
                self._task = self._progress.add_task("pretraining", total=num_steps, phase="")
            self._progress.update(self._task, completed=step, phase=text)
        elif time.monotonic() - self._said >= PLAIN_SECONDS or step == num_steps:
            self._said = time.monotonic()
            self._console.print(text, soft_wrap=True)


@contextmanager
def listening(console: Console) -> Iterator[PretrainingListener]:
    """Give who shows a pretraining."""
    if not console.is_terminal:
        yield PretrainingListener(console, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(20), TextColumn("{task.fields[phase]}", style="dim"))
    with Progress(*columns, console=console) as progress:
        yield PretrainingListener(console, progress)
