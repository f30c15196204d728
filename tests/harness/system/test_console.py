"""Names and messages are shown as they are, and no terminal obeys them."""

import io

from rich.table import Table
from rich.text import Text

from harness.system.console import PlainConsole

NASTY = "a[bold]b[/x] :smile: \x1b[31m\x9b\u202e\x07 12"


def test_nothing_is_markup_and_nothing_is_a_command() -> None:
    file = io.StringIO()
    console = PlainConsole(file=file, width=200)
    table = Table(NASTY)
    table.add_row(NASTY)
    for shown in (NASTY, Text(NASTY, style="red"), table):
        console.print(shown)
    lines = file.getvalue().splitlines()
    assert sum("a[bold]b[/x] :smile: \ufffd[31m\ufffd\ufffd" in line for line in lines) == 4
    assert all(line.isprintable() for line in lines)


def test_a_style_is_still_shown() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    file = Terminal()
    PlainConsole(file=file, width=80).print("red\nlines", style="red")
    assert "red" in file.getvalue()
    assert file.getvalue().count("\n") == 2
