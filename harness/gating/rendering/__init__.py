"""The gate's report in every form: each module renders one."""

from collections.abc import Callable, Mapping

from harness.gating.rendering import text
from harness.gating.verdicts import GateReport

RENDERERS: Mapping[str, Callable[[GateReport], str]] = {"text": text.render}
"""By the name that ``--format`` takes."""
