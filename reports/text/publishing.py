"""Everything that a report consists of is written here: no text of it names the home folder."""

from pathlib import Path

from harness.system.disclosure import without_own_home
from harness.system.files import write_text


def publish(path: Path, text: str) -> None:
    """Write a text file whole or not at all, with ``~`` for the home folder."""
    write_text(path, without_own_home(text))
