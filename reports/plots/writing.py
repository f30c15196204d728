"""All plots of one set of runs, written as PNG and SVG; what cannot be drawn is said, and its old files go."""

from dataclasses import dataclass
from pathlib import Path

from reports.plots import latency, learning, scores, throughput, tradeoff
from reports.plots.canvas import save, settings
from reports.plots.view import Plot, View

PLOTS: tuple[Plot, ...] = (
    scores.PLOT,
    tradeoff.LATENCY,
    tradeoff.TRAINING,
    tradeoff.SIZE,
    throughput.PLOT,
    latency.PLOT,
    learning.PLOT,
)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What became of one plot: its file without ``.png`` or ``.svg``, or ``None`` where there was nothing to draw."""

    plot: Plot
    stem: Path | None


def write_plots(view: View, folder: Path, *, suffix: str = "") -> list[Drawn]:
    """Draw every plot into ``folder``; ``suffix`` keeps the files of several sets apart."""
    with settings():
        return [_write(plot, view, folder / f"{plot.name}{suffix}") for plot in PLOTS]


def _write(plot: Plot, view: View, stem: Path) -> Drawn:
    drawing = plot.draw(view)
    if drawing is None:
        for kind in ("png", "svg"):
            (stem.parent / f"{stem.name}.{kind}").unlink(missing_ok=True)
        return Drawn(plot=plot, stem=None)
    save(drawing.figure, stem)
    return Drawn(plot=plot, stem=stem)
