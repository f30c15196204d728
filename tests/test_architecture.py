"""Who may import whom, and the limits that keep the tail short. Each exception stands here by name, with its reason."""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from harness import Output

ROOT = Path(__file__).parent.parent
PACKAGES = ("harness", "tasks", "baselines", "reports")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TEST_FILES = sorted((ROOT / "tests").rglob("*.py"))

FLOORS = (
    ("harness.cli",),
    ("reports",),
    ("reports.report", "reports.history_report"),
    ("reports.page", "reports.formats", "reports.exports"),
    ("reports.plots",),
    ("reports.analysis",),
    ("reports.evidence",),
    ("reports.text", "reports.stamp", "tasks", "baselines"),
    ("harness.gate",),
    ("harness.submissions", "harness.engine", "harness.testing"),
    ("harness.plan", "harness.statistics", "harness.pretraining"),
    ("harness.training", "harness.metrics", "harness.data", "harness.store", "harness.catalog"),
    ("harness.outputs",),
    ("harness.api",),
    ("harness.system",),
    ("harness.errors", "harness.markup"),
)
"""The rooms, from the top. A room imports lower floors alone: neither a higher one nor its neighbours."""

FORBIDDEN = {
    "harness": {"pandas", "matplotlib", "transformers", "statsmodels"},
    "tasks": {"torch", "transformers", "pandas"},
    "baselines": {"pandas", "matplotlib"},
    "reports": {"torch", "transformers"},
}
"""Libraries that a package does without."""
WITH_TORCH = {"harness.training", "harness.pretraining"}
"""The rooms of `harness` that import torch at the top."""

MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_PARAMETERS = 300, 40, 7
LONG_FUNCTIONS = {
    "harness/cli/app.py:run": "one parameter an option, with its help",
    "harness/cli/submissions.py:score": "the same",
    "harness/cli/submissions.py:submit": "the same",
    "harness/cli/gate.py:gate": "the same",
    "harness/cli/pretraining.py:pretrain": "the same",
    "harness/cli/prompts.py:prompts": "the same",
}
VAGUE_NAMES = {"utils", "common", "helpers", "misc"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path) for path in FILES}


def imports(tree: ast.AST, *, top_only: bool = False) -> Iterator[str]:
    """Yield what is imported anywhere in the file: at the top, on use, and for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not (top_only and (isinstance(node, ast.FunctionDef) or is_for_type_checkers(node))):
            yield from imports(node, top_only=top_only)


def is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def named_in_strings(tree: ast.AST) -> Iterator[str]:
    """Yield our modules that stand in strings, as `preload` and entry points name them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in MODULES:
            yield node.value


def ours(names: Iterator[str]) -> set[str]:
    """Return the modules among imported names: `harness.api.task` for `harness.api.task.Task`."""
    found = set()
    for name in names:
        parts = name.split(".")
        candidates = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        if parts[0] in PACKAGES:
            found.add(next(candidate for candidate in candidates if candidate in MODULES))
    return found


def room_of(module: str) -> str:
    """Return the room of a module: what is below `harness` or `reports`, a module alone included, or a package."""
    return ".".join(module.split(".")[: 2 if module.startswith(("harness.", "reports.")) else 1])


def package_of(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


PUBLIC = {"harness", "harness.__main__"}
"""What a plugin imports from `harness` are the names of lower rooms; the command line is started from `__main__`."""


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_run_downwards(path: Path) -> None:
    module, tree = module_of(path), ast.parse(path.read_text())
    if module in PUBLIC:
        return
    room = room_of(module)
    named = {name for name in named_in_strings(tree) if name not in PACKAGES}
    for other in ours(imports(tree)) | named:
        if other == "harness":
            assert room in {"tasks", "baselines"}, "inside, a name is imported from where it stands"
        elif room_of(other) != room:
            assert floor_of(room_of(other)) > floor_of(room), f"{module} imports {other}"
            assert room == "harness.cli" or package_of(other) in {"harness", package_of(module)}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_module_uses_anothers_private_names(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = [name for name in imports(tree) if package_of(name) in PACKAGES]
    bound = {name.split(".")[-1] for name in imported if name in MODULES}
    attributes = [
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in bound
    ]
    private = [name for name in [*imported, *attributes] if re.search(r"\._(?!_)", name)]
    assert not private


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_package_does_without_some_libraries(path: Path) -> None:
    package, tree = path.relative_to(ROOT).parts[0], ast.parse(path.read_text())
    roots = {name.split(".")[0] for name in imports(tree)}
    assert not roots & FORBIDDEN[package]
    if package == "harness":
        at_the_top = {name.split(".")[0] for name in imports(tree, top_only=True)}
        assert "torch" not in at_the_top or room_of(module_of(path)) in WITH_TORCH
        assert "datasets" not in roots or name_of(path) in {"harness/data/source.py", "harness/data/hub_text.py"}


def test_no_module_and_no_room_imports_itself_by_a_detour() -> None:
    modules = {module_of(path): ours(imports(ast.parse(path.read_text()))) for path in FILES}
    modules = {module: others - PUBLIC - {module} for module, others in modules.items() if module not in PUBLIC}
    rooms: dict[str, set[str]] = {}
    for module, others in modules.items():
        rooms.setdefault(room_of(module), set()).update({room_of(other) for other in others} - {room_of(module)})
    list(graphlib.TopologicalSorter(modules).static_order())  # raises CycleError, with the circle
    list(graphlib.TopologicalSorter(rooms).static_order())


def test_each_room_says_what_it_is_and_what_it_may_import() -> None:
    for room in (room for floor in FLOORS for room in floor):
        path = ROOT / room.replace(".", "/") / "__init__.py"
        if path.is_file():
            text = ast.get_docstring(ast.parse(path.read_text())) or ""
            assert "mport" in text, room


KINDS = {kind.__name__ for kind in get_args(Output)}
MATCHES = {"harness/outputs/__init__.py", "harness/training/outputs/__init__.py", "baselines/solvers.py"}
"""Where a match leads from an output to what depends on its kind: one for all, one with torch, one of linear models."""


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_what_depends_on_the_kind_of_answer_is_in_its_room(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            assert not KINDS & {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}, node.lineno
        if isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Name) and node.cls.id in KINDS:
            assert name_of(path) in MATCHES, node.lineno


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
        (
            "import harness.catalog; harness.catalog.load_catalog()",
            {"torch", "transformers", "pandas", "sklearn", "datasets"},
        ),
        ("import harness.store.run, reports", {"torch", "transformers", "tasks", "baselines"}),
        ("import harness.submissions.writer", {"torch", "transformers", "pandas", "sklearn", "datasets"}),
    ],
)
def test_light_imports(statement: str, absent: set[str]) -> None:
    code = f"{statement}\nimport sys; print(*sorted(set(sys.modules) & {absent!r}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""


def test_readme_shows_the_real_rooms() -> None:
    shown = expand((ROOT / "README.md").read_text(), "rooms")
    assert shown == {f"{name_of(path.parent)}/" for path in FILES if path.name == "__init__.py"}, "a line a room"


def test_docs_show_the_real_tree() -> None:
    shown = expand((ROOT / "docs" / "structure.md").read_text(), "tree")
    rooms = {f"{name_of(path.parent)}/" for path in FILES if path.name == "__init__.py"}
    assert shown == {name_of(path) for path in FILES if path.name != "__init__.py"} | rooms, "a line a module"


def expand(page: str, mark: str) -> set[str]:
    """Return the paths in a page's tree, in which a folder's line ends in a slash and what is in it is indented."""
    found, folders = set(), list[tuple[int, str]]()
    for line in page.split(f"<!-- {mark} -->")[1].splitlines():
        if match := re.match(r"( *)([\w.]+/?)(?: |$)", line):
            indent, name = len(match[1]), match[2]
            folders = [(depth, folder) for depth, folder in folders if depth < indent]
            path = "".join(folder for _, folder in folders) + name
            found.add(path)
            if name.endswith("/"):
                folders.append((indent, name))
    return found


def test_tests_mirror_the_source() -> None:
    """A test module in `tests/PACKAGE` stands where the module that it tests does, or bears the name of a room."""
    for path in TEST_FILES:
        below = path.relative_to(ROOT / "tests")
        if path.stem.startswith("test_") and below.parts[0] in PACKAGES:
            source = ROOT / below.parent / f"{path.stem.removeprefix('test_')}.py"
            room = ROOT / below.parent / path.stem.removeprefix("test_")
            assert source.is_file() or room.is_dir() or name_of(path) in ALONE, name_of(path)


ALONE: dict[str, str] = {
    "tests/baselines/networks/test_attribution.py": "every network beside the reference",
    "tests/reports/page/test_page.py": "the whole page",
    "tests/reports/page/test_selection.py": "which models are shown, in the whole page",
    "tests/tasks/test_ax.py": "labels of a set that has none in public",
    "tests/reports/exports/test_exports.py": "each export of one run",
    "tests/harness/gate/rendering/test_rendering.py": "the report in every form",
    "tests/harness/training/test_cuda.py": "the whole room on a GPU",
}
"""Test modules whose subject is no single module."""
