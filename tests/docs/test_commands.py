"""Every command in README.md and in the docs is one: its own parser takes it, with all its options and arguments."""

import argparse
import importlib
import os
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import typer.main
import yaml

from harness.cli import app
from harness.gate.rendering import RENDERERS
from tests.docs.pages import INLINE, PAGES, ROOT, blocks, name_of, prose

HARNESS: dict[str, Any] = typer.main.get_command(app.app).commands  # type: ignore[attr-defined]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
TOOLS = {re.match(r"[\w-]+", requirement)[0] for name in ("test", "docs") for requirement in EXTRAS[name]}  # type: ignore[index]


def commands(text: str) -> Iterator[list[str]]:
    """Yield the commands of a piece of shell, as words, without what joins them."""
    words = shlex.shlex(text.replace("\\\n", " ").replace("\n", " ; "), posix=True, punctuation_chars="&|;()")
    words.whitespace_split = True
    words.commenters = ""
    command: list[str] = []
    for word in [*words, ";"]:
        if set(word) <= set("&|;"):
            if command:
                yield command
            command = []
        else:
            command.append(word)


def shell(page: str) -> Iterator[str]:
    """Yield the shell of a page: its blocks, without comments, and the steps of its workflows."""
    for block in blocks(page, "bash"):
        yield re.sub(r"(^|\s)#.*", "", block.text)
    for block in blocks(page, "yaml"):
        yield from steps(yaml.safe_load(block.text))


def steps(value: Any) -> Iterator[str]:
    """Yield the commands anywhere in a workflow: what stands under ``run`` and ``script``."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key in {"run", "script"}:
                yield from [below] if isinstance(below, str) else below
            else:
                yield from steps(below)
    elif isinstance(value, list):
        for below in value:
            yield from steps(below)


def check(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a command is none."""
    match command:
        case ["python", "-m", "harness", name, *arguments]:
            HARNESS[name].make_context(name, arguments)
        case ["python", "-m", module, *arguments] if module.startswith("tests."):
            parse(module, arguments, monkeypatch)
        case ["pip", "install", *arguments]:
            install(arguments)
        case [program, *arguments] if program.startswith("."):
            assert os.access(ROOT / program, os.X_OK)
            assert all(argument in (ROOT / program).read_text() for argument in arguments)
        case ["test", "-f", _]:
            pass
        case [tool, *_]:
            assert any(tool == name or name.startswith(f"{tool}-") for name in TOOLS), command


def parse(module: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a benchmark parse its arguments, and stop it there."""
    original = argparse.ArgumentParser.parse_args

    def stop(parser: argparse.ArgumentParser, *given: Any) -> NoReturn:
        original(parser, *given)
        raise SystemExit(0)

    name = f"{module}.__main__" if (ROOT / module.replace(".", "/")).is_dir() else module
    with monkeypatch.context() as patched:
        patched.setattr(argparse.ArgumentParser, "parse_args", stop)
        patched.setattr(sys, "argv", [module, *arguments])
        with pytest.raises(SystemExit) as ended:
            importlib.import_module(name).main()
    assert ended.value.code == 0, (module, arguments)


def install(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("-c", type=Path)
    parser.add_argument("-e")
    parser.add_argument("requirement", nargs="?")
    given = parser.parse_args(arguments)
    assert given.c is None or (ROOT / given.c).is_file()
    if given.requirement:
        assert re.fullmatch(r"harness @ git\+https://\S+", given.requirement)
        return
    extras = re.fullmatch(r"\.\[([\w,]+)\]", given.e)
    assert extras
    assert set(extras[1].split(",")) <= set(EXTRAS)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_is_one(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in shell(page.read_text(encoding="utf-8")):
        for command in commands(text):
            check(command, monkeypatch)


def options_of(module: str, name: str) -> set[str]:
    """Return the options of a command of ours, or of a benchmark."""
    if module == "harness":
        return {option for parameter in HARNESS[name].params for option in parameter.opts} if name in HARNESS else set()
    folder = ROOT / module.replace(".", "/")
    sources = folder.glob("*.py") if folder.is_dir() else [folder.with_suffix(".py")]
    return {option for source in sources for option in re.findall(r'"(--[a-z-]+)"', source.read_text())}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_option_within_a_line_is_one(page: Path) -> None:
    known = {option for name in HARNESS for option in options_of("harness", name)} | {"--help"}
    for code in INLINE.findall(prose(page.read_text(encoding="utf-8"))):
        if named := re.match(r"python -m (harness|tests\.bench\.\w+)(?: ([a-z]+))?", code):
            assert named[1] != "harness" or named[2] is None or named[2] in HARNESS, code
            known |= options_of(named[1], named[2])
        if code.startswith(("python -m ", "--")):
            assert set(re.findall(r"(?<!\S)--[a-z-]+", code)) <= known, code


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_column_of_options_belongs_to_the_command_named_before(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = page.read_text(encoding="utf-8")
    for cell in re.finditer(r"\| `(--[^`|]+)` (?=\|)", text):
        if named := re.findall(r"`(python -m [\w.]+(?: run)?)", text[: cell.start()]):
            check(shlex.split(f"{named[-1]} {cell[1]}"), monkeypatch)


def test_every_command_is_shown() -> None:
    shown = re.findall(r"python -m harness ([a-z]+)", "".join(page.read_text(encoding="utf-8") for page in PAGES))
    assert set(shown) == set(HARNESS)


CI = (ROOT / "docs" / "guides" / "ci.md").read_text(encoding="utf-8")


def test_the_workflow_gates_a_pull_request() -> None:
    workflow, _ = (yaml.safe_load(block.text) for block in blocks(CI, "yaml"))
    assert set(workflow[True]) == {"pull_request", "workflow_dispatch"}  # YAML 1.1 reads `on` so
    lines = [step["run"] for step in workflow["jobs"]["gate"]["steps"] if "run" in step]
    assert [name for line in lines for name in re.findall(r"-m harness (\w+)", line)] == ["run", "gate", "gate"]
    assert "--format github" in lines[-1]
    assert "||" not in lines[-1], "the last one decides"


def test_the_other_snippet_is_one_too() -> None:
    _, job = (yaml.safe_load(block.text)["gate" if index else "jobs"] for index, block in enumerate(blocks(CI, "yaml")))
    assert job["artifacts"]["reports"]["junit"] == "gate.xml"
    assert job["artifacts"]["when"] == "always"


def test_every_format_is_told() -> None:
    assert all(f"`{form}`" in CI for form in RENDERERS)


def test_commands_are_found() -> None:
    text = 'one \\\n  --two "three four" &&\nfive | six\n\nseven; eight || nine'
    assert list(commands(text)) == [["one", "--two", "three four"], ["five"], ["six"], ["seven"], ["eight"], ["nine"]]


@pytest.mark.parametrize(
    "command",
    ["python -m harness run --sweet glue", "python -m harness", "frobnicate", ".ci/nothing", "pip install -e ."],
)
def test_what_is_no_command_is_found(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Exception, match=r"."):
        check(shlex.split(command), monkeypatch)
