"""The gate as one JSON document, complete and strict: no NaN, no infinity."""

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from harness.gate.rendering.wording import outcome
from harness.gate.verdicts import GateReport

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SCHEMA = 1
"""Raised when a name in the document goes or changes its meaning; names may be added."""
_NAMES = {"metric": "figure"}


def render(report: GateReport) -> str:
    """Return everything that the report holds, under the names of :func:`contents`."""
    document = {"schema_version": SCHEMA, "outcome": outcome(report), "exit_code": report.exit_code, **contents(report)}
    text = json.dumps(_finite(document), indent=1, ensure_ascii=False, allow_nan=False)
    return text.encode(errors="replace").decode() + "\n"  # a folder's name may hold what no text file can


def contents(held: "DataclassInstance") -> dict[str, Any]:
    """Return the fields of a report, or of what holds one, by name; a finding's metric is ``figure`` there."""
    return asdict(held, dict_factory=lambda fields: {_NAMES.get(name, name): value for name, value in fields})


def _finite(value: Any) -> Any:
    """Return a value in which each number that JSON cannot write is ``None``."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _finite(held) for key, held in value.items()}
        case list() | tuple():
            return [_finite(held) for held in value]
    return value
