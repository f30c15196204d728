"""The report as a page of Markdown: what it was measured on, a table of all measurements, and how the parts went."""

from harness.markup import escape_markdown, markdown_table
from tests.bench.on_gpu.records import Report, Row

MIB = 2**20


def page(report: Report) -> str:
    """Return the page."""
    device = report.device
    lines = [
        f"# {report.command}",
        f"{report.created}, commit {report.commit or 'unknown'}; {device.name}"
        + (f", CUDA {device.cuda}, {device.driver}" if device.cuda else "")
        + f"; {report.machine.processor}, {report.machine.num_cores} cores",
        ", ".join(f"{name} {version}" for name, version in report.versions.items()),
        f"Data: {report.data}. {device.precision} peak: {device.peak_flops_per_second / 1e12:.2f} TFLOP/s, measured.",
    ]
    if report.is_small:
        lines.append("**The small version: it says that all of it works, and nothing about speed.**")
    head = ["section", "measurement", "unit", "ours", "Trainer", "ours is better by", "expected", "verdict"]
    lines.append(markdown_table(head, [_cells(row) for row in report.rows]))
    head = ["section", "outcome", "seconds", "budget", "reason"]
    parts = [
        [s.name, s.outcome, f"{s.seconds:.1f}", f"{s.budget_seconds:.0f}", escape_markdown(s.reason)]
        for s in report.sections
    ]
    lines.append(markdown_table(head, parts))
    return "\n\n".join(lines) + "\n"


def _cells(row: Row) -> list[str]:
    unit = "MiB" if row.unit == "bytes" else row.unit
    ours, trainer = (_number(value, row.unit) for value in (row.ours, row.trainer))
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return [
        row.section,
        escape_markdown(row.name),
        unit,
        ours,
        trainer,
        ratio,
        escape_markdown(row.expected),
        row.verdict,
    ]


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    value = value / MIB if unit == "bytes" else value + 0.0  # which is 0 for -0
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"
