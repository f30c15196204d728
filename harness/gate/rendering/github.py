"""The gate in GitHub Actions: annotations by workflow commands, and Markdown for the job's summary."""

import os
from collections.abc import Mapping
from pathlib import Path

from harness.errors import UsageError
from harness.gate.rendering import markdown
from harness.gate.rendering.wording import headline, sentence, title, worst_first
from harness.gate.verdicts import Finding, GateReport, Verdict

SUMMARY = "GITHUB_STEP_SUMMARY"
MAX_ANNOTATIONS = 10
"""Of each level and step; GitHub drops what is beyond."""


def render(report: GateReport) -> str:
    """Return workflow commands, a line each: the outcome, and an annotation for what is not right."""
    lines = [command("error" if report.exit_code else "notice", "Gate", f"{headline(report).capitalize()}.")]
    used = {"notice": 1, "warning": 0, "error": 1}
    for finding in worst_first(report.findings):
        level = _level(finding, strict=report.strict)
        if level is not None:
            used[level] += 1
            if used[level] <= MAX_ANNOTATIONS:
                lines.append(command(level, title(finding), sentence(finding)))
    return "\n".join(lines) + "\n"


def append_summary(report: GateReport, environment: Mapping[str, str] = os.environ) -> None:
    """Append the Markdown to the job's summary, where GitHub names a file for it.

    Raises:
        UsageError: the file cannot be written.
    """
    if path := environment.get(SUMMARY):
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(markdown.render(report) + "\n")
        except OSError as error:
            raise UsageError(f"${SUMMARY}: {path} cannot be written: {error.strerror}.") from error


def command(level: str, name: str, message: str) -> str:
    """Return one workflow command, escaped as GitHub's own toolkit does it."""
    data = _escape(message)
    return f"::{level} title={_escape(name).replace(':', '%3A').replace(',', '%2C')}::{data}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _level(finding: Finding, *, strict: bool) -> str | None:
    match finding.verdict:
        case Verdict.WORSE | Verdict.INCOMPARABLE:
            return "error"
        case Verdict.CANNOT_TELL:
            return "error" if strict else "warning"
        case Verdict.NOT_JUDGED:
            return "notice"
    return None
