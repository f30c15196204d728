"""What of a value enters an identity: each field that is not at its default, as plain JSON values.

So a new field, whose default is what was so before, changes no identity. A default itself is never changed: that would
give other predictions the same identity.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

UNKEYED: Mapping[str, bool] = {"keyed": False}
"""Metadata of a dataclass field that changes no prediction, and so enters no identity."""


def keyed(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that enter its identity, by name.

    A value with an ``identity`` of its own is represented by that, and another dataclass by its fields.
    """
    held = {each.name: getattr(value, each.name) for each in fields(value) if _enters(each, value)}
    return {name: _plain(content) for name, content in held.items()}


def _enters(each: "Field[Any]", value: Any) -> bool:
    if not each.metadata.get("keyed", True):
        return False
    default = each.default if each.default_factory is MISSING else each.default_factory()
    return bool(getattr(value, each.name) != default)


def _plain(content: Any) -> Any:
    if hasattr(content, "identity"):
        return content.identity()
    if is_dataclass(content):
        return {"class": type(content).__qualname__, **keyed(content)}
    if isinstance(content, Mapping):
        return {str(key): _plain(held) for key, held in content.items()}
    return [_plain(held) for held in content] if isinstance(content, tuple | list) else content
