"""Whether the fields of a plugin's values are what their types say, which Python does not check."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from harness.api.data import FolderData, HubData, SampleData
from harness.api.metric import Metric
from harness.api.model import ModelFamily, ModelSpec
from harness.api.model_name import MAX_LENGTH, is_name
from harness.api.output import Output
from harness.api.prompt import Prompt
from harness.api.recipe import Recipe
from harness.api.task import Suite, Task
from harness.errors import UsageError

Check = tuple[str, Callable[[Any], bool]]
"""What is expected, and whether a value is that."""


def _several(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, tuple | list) and bool(value) and all(map(check, value))


def _tuple_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, tuple) and all(isinstance(each, kind) for each in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_safe_name(value: Any) -> bool:
    return isinstance(value, str) and is_name(value) and not {"/", "\\"} & set(value)


def _is_rules(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, value)) and all(map(callable, value.values()))


def _instance(*kinds: Any) -> Check:
    return " or ".join(kind.__name__ for kind in kinds), lambda value: isinstance(value, kinds)


NAME = f"a text of 1 to {MAX_LENGTH} printable characters without / and \\, and no space at an end", _is_safe_name
NAMES = "a tuple of names", _several(_is_safe_name)
TEXT = "a text", _is_text
FUNCTION = "a function", callable
VERSION = "a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)
NOTHING = type(None)

FIELDS: dict[type, dict[str, Check]] = {
    Task: {
        "name": NAME,
        "title": TEXT,
        "output": _instance(*get_args(Output)),
        "read": FUNCTION,
        "metrics": ("a tuple of Metric values or texts", _several(lambda value: isinstance(value, Metric | str))),
        "hub": _instance(HubData, NOTHING),
        "folder": _instance(FolderData, NOTHING),
        "sample": _instance(SampleData, NOTHING),
        "scored": NAMES,
        "predicted": ("a tuple of names", lambda value: not value or NAMES[1](value)),
        "prompts": ("a tuple of Prompt values", _tuple_of(Prompt)),
        "leaves_out": ("functions by the reason, a text", _is_rules),
        "starts_from": ("a tuple of names", lambda value: not value or NAMES[1](value)),
        "version": VERSION,
    },
    Suite: {"name": NAME, "title": TEXT, "tasks": NAMES, "score_name": TEXT},
    ModelSpec: {"name": NAME, "title": TEXT, "version": VERSION, "recipe": _instance(Recipe, NOTHING)},
    ModelFamily: {"name": NAME, "title": TEXT, "resolve": FUNCTION},
}


def check_fields(kind: type, value: object, origin: str) -> None:
    """See to it that the fields of a task, suite, model or family are of their types.

    Raises:
        UsageError: one is not.
    """
    for name, (expected, is_right) in FIELDS[kind].items():
        found = getattr(value, name)
        if not is_right(found):
            shown = repr(found)[:100] if isinstance(found, str) else f"of type {type(found).__name__}"
            raise UsageError(f"{origin}: a {kind.__name__} has the {name} {shown}; expected {expected}.")
    own = [name for name, type_ in vars(type(value)).get("__annotations__", {}).items() if "ClassVar" not in str(type_)]
    if own and "__dataclass_fields__" not in vars(type(value)):
        raise UsageError(
            f"{origin}: {type(value).__name__}.{own[0]} is no field, and so part of no result's key; expected "
            "@dataclass(frozen=True, kw_only=True) above the class."
        )
