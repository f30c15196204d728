"""Two plots of speed: predictions a second by the size of a batch, and how many times better ours is than Trainer."""

from pathlib import Path

from reports.plots.canvas import INK, RULE, doubling_axis, log_axis, save, settings
from tests.bench.on_gpu.records import Report


def write_plots(report: Report, folder: Path) -> None:
    """Write those for which something was measured, as PNG and SVG."""
    with settings():
        if report.throughputs:
            _throughputs(report, folder / "throughput")
        if any(row.ratio is not None for row in report.rows):
            _ratios(report, folder / "ratios")


def _throughputs(report: Report, stem: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    values = []
    for found in report.throughputs:
        sizes = sorted(found.batch_seconds)
        rates = [size / found.batch_seconds[size] for size in sizes]
        values += rates
        axes.plot(sizes, rates, marker="o", label=f"{found.model}, {found.task}")
    doubling_axis(axes, "x", [size for found in report.throughputs for size in found.batch_seconds])
    log_axis(axes, "y", values)
    axes.set(
        xlabel="examples in a batch",
        ylabel="predictions a second",
        title=f"Predictions a second on {report.device.name}",
    )
    axes.legend()
    save(figure, stem)


def _ratios(report: Report, stem: Path) -> None:
    from matplotlib.figure import Figure

    rows = [row for row in reversed(report.rows) if row.ratio is not None]
    figure = Figure(figsize=(9, 1 + 0.28 * len(rows)), layout="constrained")
    axes = figure.subplots()
    axes.barh([row.name for row in rows], [row.ratio or 0.0 for row in rows], color=RULE)
    axes.axvline(1.0, color=INK, linewidth=1.0)
    axes.set(xlabel="times better than Trainer", title=f"Ours against Trainer on {report.device.name}")
    save(figure, stem)
