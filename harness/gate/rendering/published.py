"""A report as it may be published: its paths say no more than was given on the command line."""

from dataclasses import replace

from harness.gate.verdicts import GateReport
from harness.system.disclosure import published_command, published_message


def published(report: GateReport) -> GateReport:
    """Return the report with home folders as ``~``, and of the files that its sentences name the ends."""
    return replace(
        report,
        run=published_command(report.run),
        reference=published_command(report.reference),
        findings=tuple(replace(finding, reason=published_message(finding.reason)) for finding in report.findings),
        notes=tuple(map(published_message, report.notes)),
    )
