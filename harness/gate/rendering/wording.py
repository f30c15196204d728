"""How a finding reads: its subject, its values, its rank in the order; shared by all renderers."""

from collections import Counter
from collections.abc import Iterable

from harness.gate.verdicts import FAILED, REFUSED, Finding, GateReport, Verdict
from harness.markup import one_line

WORST_FIRST = (Verdict.INCOMPARABLE, Verdict.WORSE, Verdict.CANNOT_TELL, Verdict.NOT_JUDGED, Verdict.NOT_WORSE)
FOLDED = (Verdict.NOT_JUDGED, Verdict.NOT_WORSE)
"""Verdicts whose findings are counted, and shown where all are asked for."""
MINUS = "−"


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by verdict, the worst first, and within one in their own order."""
    return sorted(findings, key=lambda finding: WORST_FIRST.index(finding.verdict))


def outcome(report: GateReport) -> str:
    """Return ``passed``, ``failed`` or ``refused``."""
    return {FAILED: "failed", REFUSED: "refused"}.get(report.exit_code, "passed")


def headline(report: GateReport) -> str:
    """Return the whole gate in a sentence, without a full stop: the outcome, and how many findings of each verdict."""
    if not report.findings:
        return "gate refused: nothing was compared"
    counts = Counter(finding.verdict for finding in report.findings)
    parts = [f"{counts[verdict]} {verdict}" for verdict in WORST_FIRST if counts[verdict]]
    return f"gate {outcome(report)}: {', '.join(parts)}"


def subject(finding: Finding) -> str:
    """Return what a finding is about, without the metric: ``cola × minilm``, or a benchmark's case."""
    if finding.metric == "benchmark":
        return one_line("::".join(filter(None, (finding.model, finding.task))))
    return one_line(f"{finding.task or 'mean over tasks'} × {finding.model}")


def title(finding: Finding) -> str:
    """Return the subject with the metric: ``cola × minilm, quality``."""
    return f"{subject(finding)}, {finding.metric}"


def amount(finding: Finding, value: float | None) -> str:
    """Return a value in its unit as a person reads it; an empty string for none."""
    if value is None:
        return ""
    if finding.metric == "quality":
        return f"{value:z.{_digits(finding)}f}".replace("-", MINUS)
    return _bytes(value) if finding.unit == "bytes" else _seconds(value)


def change(finding: Finding) -> str:
    """Return the change with its interval, in points or percent: ``−1.30 [−2.10, −0.50]``; empty for none."""
    if finding.change is None:
        return ""
    text = _signed(finding, finding.change)
    if finding.low is None or finding.high is None:
        return text
    return f"{text} [{_signed(finding, finding.low)}, {_signed(finding, finding.high)}]"


def margin(finding: Finding) -> str:
    """Return the loss that is tolerated: ``1 point`` or ``10 %``; empty for none."""
    if finding.margin is None:
        return ""
    if finding.unit == "points":
        return f"{finding.margin:g} point{'' if finding.margin == 1 else 's'}"
    if finding.metric == "quality":
        return f"{finding.margin:.{_digits(finding)}f} {finding.unit}"
    return f"{100 * finding.margin:g} %"


def sentence(finding: Finding) -> str:
    """Return verdict, values and reason in one line."""
    values = ""
    if finding.reference is not None and finding.run is not None:
        values = f": {amount(finding, finding.reference)} → {amount(finding, finding.run)}"
        values += f", change {change(finding)}" if finding.change is not None else ""
        values += f", margin {margin(finding)}" if finding.margin is not None else ""
    return one_line(f"{finding.verdict}{values}. {finding.reason}")


def _digits(finding: Finding) -> int:
    return 2 if finding.unit == "points" else 3


def _signed(finding: Finding, value: float) -> str:
    is_quality = finding.metric == "quality"
    text = f"{value:+z.{_digits(finding)}f}" if is_quality else f"{100 * value:+z.1f} %"
    return text.replace("-", MINUS)


def _seconds(value: float) -> str:
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if abs(value) * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def _bytes(value: float) -> str:
    for size, unit in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if abs(value) >= size:
            return f"{value / size:.2f} {unit}"
    return f"{value:.0f} B"
