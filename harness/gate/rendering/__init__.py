"""The gate's report in every form: each module renders one."""

from collections.abc import Callable, Mapping

from harness.gate.rendering import benchmark_action, document, github, junit, markdown, text
from harness.gate.verdicts import GateReport

RENDERERS: Mapping[str, Callable[[GateReport], str]] = {
    "text": text.render,
    "markdown": markdown.render,
    "junit": junit.render,
    "json": document.render,
    "github": github.render,
    "benchmark": benchmark_action.render_quality,
    "benchmark-cost": benchmark_action.render_cost,
}
"""By the name that ``--format`` takes."""
