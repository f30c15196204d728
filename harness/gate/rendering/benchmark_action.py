"""What github-action-benchmark plots over commits: a list of ``name``, ``unit``, ``value``, ``range``, ``extra``.

One file has one direction there. Quality is for its tool ``customBiggerIsBetter``; cost, which is in seconds and bytes,
for ``customSmallerIsBetter``.
"""

import math
from collections.abc import Iterable

from harness.gate.rendering.wording import change, sentence, title
from harness.gate.verdicts import Finding, GateReport
from harness.markup import strict_json


def render_quality(report: GateReport) -> str:
    """Return the run's scores, for ``tool: customBiggerIsBetter``."""
    return _document(finding for finding in report.findings if finding.metric == "quality")


def render_cost(report: GateReport) -> str:
    """Return the run's times and memory, for ``tool: customSmallerIsBetter``."""
    return _document(finding for finding in report.findings if finding.metric != "quality")


def _document(findings: Iterable[Finding]) -> str:
    entries = [
        {
            "name": title(finding),
            "unit": finding.unit,
            "value": finding.run,
            **({"range": f"{change(finding)} to the reference"} if finding.change is not None else {}),
            "extra": sentence(finding),
        }
        for finding in findings
        if finding.run is not None and math.isfinite(finding.run)
    ]
    return strict_json(entries) + "\n"
