"""The gate as one JSON document, complete and strict: no NaN, no infinity."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from harness.gate.rendering.wording import outcome
from harness.gate.verdicts import GateReport
from harness.markup import strict_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SCHEMA = 2
"""Raised when a name in the document goes or changes its meaning; names may be added."""


def render(report: GateReport) -> str:
    """Return everything that the report holds, under the names of :func:`contents`."""
    document = {"schema_version": SCHEMA, "outcome": outcome(report), "exit_code": report.exit_code, **contents(report)}
    return strict_json(document) + "\n"


def contents(held: "DataclassInstance") -> dict[str, Any]:
    """Return the fields of a report, or of what holds one, by name."""
    return asdict(held)
