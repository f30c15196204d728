"""The gate's report for a terminal."""

import io
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.gate.rendering.wording import FOLDED, amount, change, headline, sentence, title, worst_first
from harness.gate.verdicts import Finding, GateReport, Verdict
from harness.markup import one_line
from harness.system.console import PlainConsole

WIDTH = 160
STYLES = {
    Verdict.WORSE: "bold red",
    Verdict.NOT_WORSE: "green",
    Verdict.CANNOT_TELL: "yellow",
    Verdict.INCOMPARABLE: "bold red",
    Verdict.NOT_JUDGED: "dim",
}


def render(report: GateReport) -> str:
    """Return what :func:`show` shows as plain text."""
    return _rendered(report, show)


def render_all(report: GateReport) -> str:
    """Return what :func:`show_all` shows as plain text."""
    return _rendered(report, show_all)


def show(report: GateReport, console: Console) -> None:
    """Show what is not right, the worst first, then how many findings are right, notes, and what follows."""
    findings = worst_first(report.findings)
    for finding in findings:
        if finding.verdict not in FOLDED:
            console.print(Text(f"{title(finding)}: {sentence(finding)}", style=STYLES[finding.verdict]))
    for line in filter(None, (_folded(findings, verdict) for verdict in FOLDED)):
        console.print(f"{line} (`gate --verbose` shows each)")
    _show_end(report, console)


def show_all(report: GateReport, console: Console) -> None:
    """Show a table of quality and one of cost, the worst first, notes, and what follows."""
    findings = worst_first(report.findings)
    quality = [finding for finding in findings if finding.metric == "quality"]
    costs = [finding for finding in findings if finding.metric != "quality"]
    units = " or ".join(dict.fromkeys(finding.unit for finding in quality))
    for name, rows in ((f"quality, in {units}", quality), ("cost", costs)):
        if rows:
            console.print(_table(name, rows))
    _show_end(report, console)


def _rendered(report: GateReport, shown: Callable[[GateReport, Console], None]) -> str:
    console = PlainConsole(file=io.StringIO(), width=WIDTH)
    with console.capture() as captured:
        shown(report, console)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _folded(findings: Sequence[Finding], verdict: Verdict) -> str:
    """Return how many findings of a verdict there are; with their reasons, where those are not the verdict again."""
    reasons = [finding.reason for finding in findings if finding.verdict is verdict]
    why = f": {' '.join(dict.fromkeys(reasons))}" if verdict is Verdict.NOT_JUDGED else ""
    return f"{len(reasons)} {verdict}{one_line(why)}" if reasons else ""


def _show_end(report: GateReport, console: Console) -> None:
    for note in [*report.notes, *_versions(report)]:
        console.print(f"note: {note}")
    console.print(headline(report))


def _table(name: str, findings: list[Finding]) -> Table:
    table = Table(title=name, title_justify="left", box=None)
    is_quality = findings[0].metric == "quality"
    for head in ("model", "task") if is_quality else ("model", "task", "metric"):
        table.add_column(head)
    for head in ("reference", "run", "change", "p worse", "detectable" if is_quality else "margin", "seeds"):
        if is_quality or head != "seeds":
            table.add_column(head, justify="right")
    table.add_column("verdict")
    table.add_column("reason", overflow="fold")
    for finding in findings:
        p_worse = "" if finding.p_worse is None else f"{finding.p_worse:.3f}"
        row = [finding.model, finding.task or "mean"] + ([] if is_quality else [finding.metric])
        row += [amount(finding, finding.reference), amount(finding, finding.run)]
        row += [change(finding), p_worse]
        if is_quality:
            places = 1 if finding.unit == "points" else 3
            row.append("" if finding.detectable is None else f"{finding.detectable:.{places}f}")
            row.append(" / ".join(map(str, finding.num_seeds)) if finding.num_seeds else "")
        else:
            row.append("" if finding.margin is None else f"{100 * finding.margin:g} %")
        row += [str(finding.verdict), finding.reason]
        table.add_row(*row, style=STYLES[finding.verdict])
    return table


def _versions(report: GateReport) -> list[str]:
    changed = [f"{name} {old} to {new}" for name, (old, new) in report.versions.items()]
    return [f"Versions differ: {', '.join(changed)}."] if changed else []
