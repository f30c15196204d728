"""The gate's report for a terminal."""

import io

from rich.console import Console
from rich.table import Table

from harness.gate.rendering.wording import amount, change, headline
from harness.gate.verdicts import Finding, GateReport, Verdict
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
    """Return the report as plain text."""
    console = PlainConsole(file=io.StringIO(), width=WIDTH)
    with console.capture() as captured:
        show(report, console)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def show(report: GateReport, console: Console) -> None:
    """Show a table of quality, one of cost, notes, and what follows."""
    quality = [finding for finding in report.findings if finding.metric == "quality"]
    costs = [finding for finding in report.findings if finding.metric != "quality"]
    for title, findings in (("quality, in points", quality), ("cost", costs)):
        if findings:
            console.print(_table(title, findings))
    for note in [*report.notes, *_versions(report)]:
        console.print(f"note: {note}")
    console.print(headline(report))


def _table(title: str, findings: list[Finding]) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    is_quality = findings[0].metric == "quality"
    for name in ("model", "task") if is_quality else ("model", "task", "figure"):
        table.add_column(name)
    for name in ("reference", "run", "change", "p worse", "detectable" if is_quality else "margin", "seeds"):
        if is_quality or name != "seeds":
            table.add_column(name, justify="right")
    table.add_column("verdict")
    table.add_column("reason", overflow="fold")
    for finding in findings:
        p_worse = "" if finding.p_worse is None else f"{finding.p_worse:.3f}"
        row = [finding.model, finding.task or "mean"] + ([] if is_quality else [finding.metric])
        row += [amount(finding, finding.reference), amount(finding, finding.run)]
        row += [change(finding), p_worse]
        if is_quality:
            row.append("" if finding.detectable is None else f"{finding.detectable:.1f}")
            row.append(" / ".join(map(str, finding.num_seeds)) if finding.num_seeds else "")
        else:
            row.append("" if finding.margin is None else f"{100 * finding.margin:g} %")
        row += [str(finding.verdict), finding.reason]
        table.add_row(*row, style=STYLES[finding.verdict])
    return table


def _versions(report: GateReport) -> list[str]:
    changed = [f"{name} {old} to {new}" for name, (old, new) in report.versions.items()]
    return [f"Versions differ: {', '.join(changed)}."] if changed else []
