"""Who may import whom, and the limits that keep the tail short. Each exception stands here by name, with its reason."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("harness", "tasks", "baselines", "reports")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TEST_FILES = sorted((ROOT / "tests").rglob("*.py"))

TORCH_SIDE = {
    "dropout",
    "explaining",
    "training",
    "inference",
    "checkpoints",
    "losses",
    "torch_model",
    "flops",
    "linear",
    "token_table",
    "stepping",
}
"""The modules of the engine that may import torch at the top; the others only on use, to ask about a device."""

FORBIDDEN = {
    "harness": {"tasks", "baselines", "reports", "pandas", "matplotlib", "transformers", "statsmodels"},
    "tasks": {"baselines", "reports", "torch", "transformers", "pandas"},
    "baselines": {"tasks", "reports", "pandas", "matplotlib"},
    "reports": {"tasks", "baselines", "torch", "transformers"},
}

MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_PARAMETERS = 300, 40, 7
LONG_FUNCTIONS = {
    "harness/cli.py:run": "one parameter an option, with its help",
    "harness/submission_commands.py:score": "the same",
    "harness/submission_commands.py:submit": "the same",
    "harness/gating/commands.py:gate": "the same",
}
VAGUE_NAMES = {"utils", "common", "helpers", "misc"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST, *, top_only: bool = False) -> Iterator[str]:
    """Yield the modules that are imported; not those for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not (top_only and isinstance(node, ast.FunctionDef)):
            yield from imports(node, top_only=top_only)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports(path: Path) -> None:
    tree = ast.parse(path.read_text())
    package = path.relative_to(ROOT).parts[0]
    forbidden = FORBIDDEN[package] - ({"reports"} if name_of(path) == "harness/cli.py" else set())
    roots = {module.split(".")[0] for module in imports(tree)}
    assert not roots & forbidden
    if package == "harness":
        assert (
            "torch" not in {module.split(".")[0] for module in imports(tree, top_only=True)} or path.stem in TORCH_SIDE
        )
        assert "datasets" not in roots or path.stem == "sources"
    if package == "reports":
        engine = {"harness.training", "harness.inference", "harness.worker", "harness.engine", "harness.torch_model"}
        assert not set(imports(tree)) & engine


@pytest.mark.parametrize("path", FILES + TEST_FILES, ids=name_of)
def test_limits(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= MAX_FILE_LINES
    assert path.stem not in VAGUE_NAMES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and f"{name_of(path)}:{node.name}" not in LONG_FUNCTIONS:
            assert (node.end_lineno or 0) - node.lineno + 1 <= MAX_FUNCTION_LINES, node.name
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            parameters = [argument for argument in arguments if argument.arg not in {"self", "cls"}]
            assert len(parameters) <= MAX_PARAMETERS or path in TEST_FILES, node.name


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import harness", {"torch", "transformers", "pandas", "matplotlib", "datasets", "sklearn"}),
        ("import harness.plugins; harness.plugins.load()", {"torch", "transformers", "pandas", "sklearn", "datasets"}),
        ("import harness.store, reports", {"torch", "transformers", "tasks", "baselines"}),
        ("import harness.submitting", {"torch", "transformers", "pandas", "sklearn", "datasets"}),
    ],
)
def test_light_imports(statement: str, absent: set[str]) -> None:
    code = f"{statement}\nimport sys; print(*sorted(set(sys.modules) & {absent!r}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""


def test_readme_shows_the_real_tree() -> None:
    readme = (ROOT / "README.md").read_text()
    shown = {path for path in expand(readme) if path.endswith(".py")}
    assert shown == {name_of(path) for path in FILES if path.name != "__init__.py"}


def expand(readme: str) -> set[str]:
    """Return the paths in the README's tree, in which a folder's line ends in a slash and its files are indented."""
    block = readme.split("<!-- tree -->")[1]
    found, folders = set(), list[tuple[int, str]]()
    for line in block.splitlines():
        if match := re.match(r"( *)([\w.]+/?)(?: |$)", line):
            indent, name = len(match[1]), match[2]
            folders = [(depth, folder) for depth, folder in folders if depth < indent]
            path = "".join(folder for _, folder in folders) + name
            found.add(path)
            if name.endswith("/"):
                folders.append((indent, name))
    return found
