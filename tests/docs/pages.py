"""The pages that people read, and what stands in them: blocks of code, and code within a line."""

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

FENCED = re.compile(r"^( *)```([a-z]*)\n(.*?)^\1```$", flags=re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block of code; ``language`` is empty where none is named."""

    language: str
    text: str


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: str, *languages: str) -> list[Block]:
    """Return the fenced blocks of a page in these languages, or all, in order."""
    found = [Block(language=match[2], text=dedent(match[3])) for match in FENCED.finditer(page)]
    return [block for block in found if not languages or block.language in languages]


def prose(page: str) -> str:
    """Return a page without its fenced blocks."""
    return FENCED.sub("", page)
