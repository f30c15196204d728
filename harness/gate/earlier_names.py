"""Names that earlier versions gave to checkpoints: the folder's, and a hash of its content behind it."""

import re
from collections.abc import Collection

_HASHED = re.compile(r"(.+)@[0-9a-f]{8}")


def earlier_name(model: str, known: Collection[str]) -> str:
    """Return which of the known names is that of a model under an earlier version; empty where none is."""
    hashed = {name: found[1] for name in known if (found := _HASHED.fullmatch(name))}
    return next((name for name, stem in hashed.items() if stem == model), "")


def advice(earlier: str) -> str:
    """Return what to do about a name that an earlier version gave, as a sentence after a space."""
    if not earlier:
        return ""
    return (
        f" An earlier version put the content's hash into the name: {earlier!r}. Make the reference again, or give the "
        f"model that name: --model {earlier}=PATH."
    )
