"""The gate as Markdown: a comment on a pull request, or a job's summary."""

from collections.abc import Iterable, Sequence

from harness.gate.rendering.wording import (
    FOLDED,
    WORST_FIRST,
    amount,
    change,
    headline,
    margin,
    outcome,
    subject,
)
from harness.gate.verdicts import Finding, GateReport, Verdict
from harness.markup import escape_markdown, markdown_table

MAX_CHARACTERS = 65_536
"""Of a comment on GitHub; what is longer is refused there, so rows are left out, and said so."""
MAX_OPEN_ROWS = 12
"""More rows than these are folded."""
SIGNS = {"passed": "✅", "failed": "❌", "refused": "⛔"}
HEAD = ("metric", "subject", "verdict", "reference", "run", "change", "margin", "reason")


def render(report: GateReport) -> str:
    """Return the verdict in the first line, what is not right below it, and everything else folded."""
    by_verdict = {verdict: report.having(verdict) for verdict in WORST_FIRST}
    alarms = [finding for verdict in WORST_FIRST if verdict not in FOLDED for finding in by_verdict[verdict]]
    last = _notes(report)
    num_left = MAX_CHARACTERS - len(last) - 2_000
    parts = [f"{SIGNS[outcome(report)]} **{escape(headline(report).capitalize())}**"]
    folded = [(by_verdict[verdict], f"{len(by_verdict[verdict])} {verdict}") for verdict in FOLDED]
    more = alarms[MAX_OPEN_ROWS:]
    for findings, summary in ((alarms[:MAX_OPEN_ROWS], ""), (more, f"{len(more)} more"), *folded):
        if findings:
            part = _table(findings, summary, num_left)
            parts.append(part)
            num_left -= len(part)
    return "\n\n".join(filter(None, [*parts, last])) + "\n"


def escape(text: str) -> str:
    """Return one line that stands as it is and calls nobody: an ``@name`` in it is no mention."""
    return escape_markdown(text).replace("@", "@<!-- -->")


def _table(findings: Sequence[Finding], summary: str, max_characters: int) -> str:
    rows, used = [], 0
    for finding in findings:
        row = _row(finding)
        used += sum(map(len, row)) + 3 * len(row)
        if used > max_characters:
            break
        rows.append(row)
    table = markdown_table(HEAD, rows, num_texts=len(HEAD))
    left_out = len(findings) - len(rows)
    more = f"\n\n… and {left_out} more, left out by GitHub's limit on a comment's length." if left_out else ""
    if not summary:
        return table + more
    return f"<details><summary>{summary}</summary>\n\n{table}{more}\n\n</details>"


def _row(finding: Finding) -> list[str]:
    sign = f"**{finding.verdict}**" if finding.verdict in (Verdict.WORSE, Verdict.INCOMPARABLE) else finding.verdict
    values = (amount(finding, finding.reference), amount(finding, finding.run), change(finding), margin(finding))
    return [finding.metric, escape(subject(finding)), sign, *map(escape, values), escape(finding.reason)]


def _notes(report: GateReport) -> str:
    """Return what was compared, and what a reader should know beside the verdicts."""
    sides = (("reference", report.reference, report.reference_commit), ("run", report.run, report.run_commit))
    lines = [
        f"{name}: {escape(where)}" + (f" at {escape(commit[:12])}" if commit else "") for name, where, commit in sides
    ]
    changed = [f"{library} {old} → {new}" for library, (old, new) in sorted(report.versions.items())]
    lines += [f"other versions: {escape(', '.join(changed))}"] if changed else []
    lines.append(f"level {report.alpha:g}, over all metrics of this gate" + (", strict" if report.strict else ""))
    return _listed(lines + [escape(note) for note in report.notes])


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
