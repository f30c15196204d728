"""A console for names and messages from anywhere: they are shown as they are, and no terminal obeys them."""

from collections.abc import Iterable
from typing import IO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from harness.markup import printable

LOG_WIDTH = 160
"""Characters in a line where there is no terminal to tell."""


class PlainConsole(Console):
    """Square brackets are no markup, ``:smile:`` is no picture, numbers are not coloured, and what is no text goes."""

    def __init__(self, *, stderr: bool = False, file: IO[str] | None = None, width: int | None = None) -> None:
        super().__init__(stderr=stderr, file=file, width=width, markup=False, emoji=False, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render with all that does not print replaced, but for rich's own control codes and styles."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(printable(segment.text), segment.style)


def console_on(*, stderr: bool = False) -> PlainConsole:
    """Return a console on standard output, or on standard error."""
    console = PlainConsole(stderr=stderr)
    return console if console.is_terminal else PlainConsole(stderr=stderr, width=LOG_WIDTH)
