"""What the docs show of the code is so: Python, plugins, links of README.md, error messages, a page for each room."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, blocks, name_of, prose
from tests.test_architecture import FILES, FLOORS

EXAMPLES = sorted((ROOT / "tests" / "examples").glob("*.py"))


def shown_files(page: str) -> dict[str, str]:
    """Return the Python blocks of a page that begin with a comment naming a file, by that name."""
    found = [re.match(r"# (\S+\.py)\n(.*)", block.text, flags=re.DOTALL) for block in blocks(page, "python")]
    return {match[1]: match[2] for match in found if match}


def test_files_are_found() -> None:
    page = "Text\n```python\n# one.py\na = 1\n\nb = 2\n```\n```python\nc = 3\n```\n```python\n# two.py\n# said\n```\n"
    assert shown_files(page) == {"one.py": "a = 1\n\nb = 2\n", "two.py": "# said\n"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_python_is_python_and_a_file_is_shown_as_it_is(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for block in blocks(text, "python"):
        for node in ast.walk(ast.parse(block.text)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module or "")
                assert all(hasattr(module, alias.name) for alias in node.names)
    for name, shown in shown_files(text).items():
        assert shown == (ROOT / name).read_text(encoding="utf-8")


def test_each_example_is_shown() -> None:
    shown = {name for page in PAGES for name in shown_files(page.read_text(encoding="utf-8"))}
    assert shown == {name_of(file) for file in EXAMPLES}


@pytest.mark.parametrize("page", PAGES[:2], ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", prose(page.read_text(encoding="utf-8"))):
        assert "://" in target or (ROOT / target).exists(), target


def templates() -> Iterator[str]:
    """Yield every text of the four packages, with an ellipsis for what is put in when it is used."""
    for node in (node for path in FILES for node in ast.walk(ast.parse(path.read_text()))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            yield "".join(map(str, parts))


def test_error_messages_are_those_of_the_code() -> None:
    known = list(templates())
    page = (ROOT / "docs" / "faq.md").read_text(encoding="utf-8")
    messages = [block.text.strip() for block in blocks(page, "text")]
    assert len(messages) > 20
    assert [message for message in messages if not any(message in template for template in known)] == []


ELSEWHERE = {
    "harness.cli",
    "harness.testing",
    "tasks",
    "baselines",
    "harness.errors",
    "harness.markup",
    "harness.catalog",
}
"""Rooms without a page of their own below `docs/api/rooms/`."""


def test_each_room_has_a_page() -> None:
    rooms = {room for floor in FLOORS for room in floor if not room.startswith("reports.")} - ELSEWHERE
    pages = {path.stem for path in (ROOT / "docs" / "api" / "rooms").glob("*.md")} - {"modules"}
    assert pages == {room.removeprefix("harness.") for room in rooms}


def test_the_floors_are_those_of_the_test() -> None:
    page = (ROOT / "docs" / "structure.md").read_text(encoding="utf-8")
    shown = [set(re.findall(r"`(\w+)`", row)) for row in re.findall(r"^\| \d \| (.*) \|$", page, flags=re.MULTILINE)]
    engine = [{room.removeprefix("harness.") for room in floor if room.startswith("harness.")} for floor in FLOORS]
    assert shown == [floor for floor in engine if floor]
