"""Finds what there is to run: :func:`load_catalog` gives a :class:`Catalog` of every task, suite and model.

A plugin is any module with ``Task``, ``Suite``, ``ModelSpec`` or ``ModelFamily`` values at its top level: a file in
``tasks/`` or ``baselines/``, an installed package with an entry point in the group ``harness.plugins``, or ``--plugin
FILE``. Nothing registers itself.
"""

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os.path
import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from harness.api.method import Method, split_method
from harness.api.model import ModelFamily, ModelSpec
from harness.api.model_name import MAX_LENGTH, is_name, split_name
from harness.api.spelling import spelled
from harness.api.task import Suite, Task
from harness.api.validity import check_fields
from harness.errors import UsageError, did_you_mean
from harness.system.foreign import file_of, foreign
from harness.system.imports import ROOT

PACKAGES = ("tasks", "baselines")
ENTRY_POINTS = "harness.plugins"
V = TypeVar("V", Task, Suite, ModelSpec, ModelFamily)


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """Everything by name. ``origins`` says which module a name of a kind came from."""

    tasks: dict[str, Task] = field(default_factory=dict)
    suites: dict[str, Suite] = field(default_factory=dict)
    models: dict[str, ModelSpec] = field(default_factory=dict)
    families: dict[str, ModelFamily] = field(default_factory=dict)
    origins: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, module: ModuleType, origin: str) -> None:
        """Take in a module's values.

        Raises:
            UsageError: a name is there already, from another module.
        """
        shelves: dict[type, tuple[dict[str, Any], str]] = {
            Task: (self.tasks, "task"),
            Suite: (self.suites, "suite"),
            ModelSpec: (self.models, "model"),
            ModelFamily: (self.families, "model family"),
        }
        with foreign(f"{origin}: its values"):
            for value in list(vars(module).values()):
                for kind, (shelf, called) in shelves.items():
                    if isinstance(value, kind):
                        check_fields(kind, value, origin)
                        self._put(shelf, called, value, origin)

    def _put(self, shelf: dict[str, V], kind: str, value: V, origin: str) -> None:
        held = shelf.setdefault(value.name, value)
        if held is not value:
            first = self.origins[kind, value.name]
            raise UsageError(
                f"two {kind}s are called {value.name!r}: one in {first}, one in {origin}; rename one of them."
            )
        self.origins.setdefault((kind, value.name), origin)

    def task(self, name: str) -> Task:
        """Return the task of that name or title, or say which are near."""
        return _pick(self.tasks, "task", name)

    def suite(self, name: str) -> Suite:
        """Return the suite of that name or title, or say which are near."""
        return _pick(self.suites, "suite", name)

    def model(self, asked: str) -> ModelSpec:
        """Return the model of that name, or what one of the families makes of it.

        ``NAME=MODEL`` calls it NAME, and ``MODEL+METHOD`` lets it predict in another way (:mod:`harness.api.method`).

        Raises:
            UsageError: there is none, or it has a name that another one has, or none that can be shown.
        """
        name, sought = split_name(asked)
        if not os.path.exists(sought):  # noqa: PTH110 (a Path of what is too long for one raises)
            sought = spelled(sought, self.models)
        if sought in self.models:
            return replace(self.models[sought], name=name) if name else self.models[sought]
        base, method = (sought, None) if os.path.exists(sought) else split_method(sought)  # noqa: PTH110 (likewise)
        spec = self._of_a_family(sought) if method is None else self._with_method(self.model(base), method)
        if name:
            return replace(spec, name=name)
        if spec.name in self.models or not is_name(spec.name):
            called = (
                f"{spec.name[:MAX_LENGTH]!r}, {'as one of ours' if spec.name in self.models else 'which is no name'}"
            )
            raise UsageError(f"--model {asked}: is called {called}; give it another with --model NAME={asked}.")
        return spec

    @staticmethod
    def _with_method(model: ModelSpec, method: Method) -> ModelSpec:
        with foreign(f"model {model.name!r}: with_method({method})"):
            return model.with_method(method)

    def _of_a_family(self, name: str) -> ModelSpec:
        near = did_you_mean(name, self.models)
        if near and not os.path.exists(name):  # noqa: PTH110 (a Path of what is too long for one raises)
            raise UsageError(f"no model {name!r}.{near} (For a checkpoint on the hub write its full name, OWNER/NAME.)")
        for family in self.families.values():
            with foreign(f"model family {family.name!r}: resolve({name!r})"):
                spec: object = family.resolve(name)
            if isinstance(spec, ModelSpec):
                return spec
            if spec is not None:
                raise UsageError(
                    f"model family {family.name!r} ({file_of(family.resolve)}): resolve({name!r}) is "
                    f"{type(spec).__name__}; expected a ModelSpec or None."
                )
        return _pick(self.models, "model", name)


def _pick(shelf: Mapping[str, V], kind: str, typed: str) -> V:
    name = spelled(typed, shelf, {name: getattr(value, "title", "") for name, value in shelf.items()})
    if name not in shelf:
        raise UsageError(f"no {kind} {typed!r}; there are: {', '.join(sorted(shelf))}.{did_you_mean(typed, shelf)}")
    return shelf[name]


def load_catalog(plugins: Sequence[str] = ()) -> Catalog:
    """Return everything in ``tasks/``, ``baselines/``, installed entry points, and the files named."""
    catalog = Catalog()
    for package in PACKAGES:
        for module in _modules(package):
            catalog.add(module, module.__name__)
    for entry in sorted(importlib.metadata.entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        where = f"entry point {entry.name!r} in {ENTRY_POINTS} ({entry.value})"
        with foreign(f"{where}: fails on import"):
            module = entry.load()
        if not isinstance(module, ModuleType):
            raise UsageError(f"{where}: expected a module, got {type(module).__name__}.")
        catalog.add(module, f"{entry.value} (entry point {entry.name!r})")
    for file in plugins:
        catalog.add(import_file(Path(file)), file)
    return catalog


def _modules(package: str) -> Iterator[ModuleType]:
    """Yield the modules of one of our packages.

    Raises:
        UsageError: something else of that name was imported; a command sees to it that nothing is.
    """
    own, imported = ROOT / package, importlib.import_module(package)
    if str(own) not in getattr(imported, "__path__", ()):
        raise UsageError(
            f"{imported.__file__ or package} hides the package {package!r} of harness ({own}); rename it, or run "
            "`harness` as a command of its own."
        )
    for module in sorted(pkgutil.iter_modules([str(own)]), key=lambda module: module.name):
        if not module.ispkg:
            yield importlib.import_module(f"{package}.{module.name}")


def import_file(path: Path) -> ModuleType:
    """Import a plugin file; the same file twice gives the same module.

    Raises:
        UsageError: there is no such file, or it fails on import.
    """
    if not path.is_file():
        raise UsageError(f"--plugin {path}: no such file; expected a Python file with Task or ModelSpec values.")
    name = f"harness_plugin_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"--plugin {path}: not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with foreign(f"--plugin {path}: fails on import"):
            spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module
