"""What README.md tells people to put into their CI: it parses, and its commands have the options that it gives them."""

import re
from pathlib import Path

import typer.main
import yaml

from harness.cli import app
from harness.gate.rendering import RENDERERS

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_workflow_gates_a_pull_request() -> None:
    block = README.split("<!-- workflow -->")[1].strip().removeprefix("```yaml\n").removesuffix("```")
    workflow = yaml.safe_load(block)
    steps = workflow["jobs"]["gate"]["steps"]
    assert workflow[True] == "pull_request"  # YAML 1.1 reads `on` so
    commands = [step["run"] for step in steps if "run" in step]
    assert [word for command in commands for word in re.findall(r"-m harness (\w+)", command)] == [
        "run",
        "gate",
        "gate",
    ]
    assert "--format github" in commands[-1]
    assert "||" not in commands[-1], "the last one decides"


def test_the_other_snippet_is_one_too() -> None:
    block = re.findall(r"^ *```yaml\n(.*?)^ *```", README, flags=re.MULTILINE | re.DOTALL)[1]
    job = yaml.safe_load(block)["gate"]
    assert job["artifacts"]["reports"]["junit"] == "gate.xml"
    assert job["artifacts"]["when"] == "always"


def test_every_option_that_is_shown_exists() -> None:
    known = typer.main.get_command(app.app).commands  # type: ignore[attr-defined]
    text = README.replace("\\\n", " ").replace("||\n", "||")
    shown = re.findall(r"python -m harness ([a-z]+)((?: [^\n`#|&]*)?)", text)
    assert {name for name, _ in shown} == set(known)
    for name, arguments in shown:
        options = {option for parameter in known[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", arguments)) <= options, (name, arguments)


def test_every_format_is_told() -> None:
    assert all(f"`{form}`" in README for form in RENDERERS)
