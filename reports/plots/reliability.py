"""Reliability diagrams: how often a model is right against how sure it is, a panel a model."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.statistics.calibration import Calibration
from reports.plots.canvas import RULE
from reports.plots.hover import hover
from reports.plots.panels import fitted, left_out_note, with_style
from reports.plots.view import Drawing, Style, distinct

NUM_COLUMNS = 4
SIDE, GAP, HEAD, LEFT, BOTTOM = 1.3, 0.14, 0.36, 0.56, 0.5
LARGEST_POINTS_SQUARED = 140.0
SMALL_POINTS = 8.3
TICKS = (0, 50, 100)


def draw(calibrations: Mapping[str, Calibration], styles: Mapping[str, Style]) -> Drawing | None:
    """Return a panel for each model that has a style; a mark's area is the fraction of the predictions in its bin."""
    found = {label: c for label, c in calibrations.items() if any(b.count for b in c.bins)}
    shown = with_style(found, styles)
    if not shown:
        return None
    num_columns = min(NUM_COLUMNS, len(shown))
    num_rows = -(-len(shown) // num_columns)
    width = LEFT + num_columns * (SIDE + GAP)
    height = BOTTOM + num_rows * (SIDE + HEAD)
    figure = Figure(figsize=(width, height))
    names = distinct(fitted(styles[label].name, SIDE - 0.1, SMALL_POINTS) for label in shown)
    for index, (label, name) in enumerate(zip(shown, names, strict=True)):
        row, column = divmod(index, num_columns)
        left, bottom = LEFT + column * (SIDE + GAP), BOTTOM + (num_rows - 1 - row) * (SIDE + HEAD)
        axes = figure.add_axes((left / width, bottom / height, SIDE / width, SIDE / height))
        _draw_model(axes, label, shown[label], styles[label])
        head = f"{name}\nECE {100 * shown[label].error:.1f} %"
        axes.set_title(head, fontsize=SMALL_POINTS, loc="left", pad=3, gid=hover(label))
        is_lowest = index + num_columns >= len(shown)
        axes.set_xticks(
            TICKS if is_lowest else (), [str(tick) for tick in TICKS] if is_lowest else (), fontsize=SMALL_POINTS
        )
        axes.set_yticks(() if column else TICKS, () if column else [str(tick) for tick in TICKS], fontsize=SMALL_POINTS)
    middle = (LEFT + num_columns * (SIDE + GAP) / 2) / width
    figure.text(middle, 0.08 / height, "mean confidence (%)", ha="center", va="bottom")
    centre = (BOTTOM + (height - BOTTOM - HEAD) / 2) / height
    figure.text(0.16 / width, centre, "accuracy (%)", rotation=90, rotation_mode="anchor", ha="center", va="center")
    notes = ["Dashed: perfect calibration; the area of a mark is the fraction of the predictions"]
    notes += filter(None, [left_out_note(len(shown), len(found))])
    surest = ", ".join(f"{n} {100 * c.error:.1f} %" for n, c in zip(names, shown.values(), strict=True))
    alt = f"Accuracy against mean confidence. Expected calibration error (ECE): {surest}."
    return Drawing(figure=figure, alt=alt, notes=tuple(notes))


def _draw_model(axes: Axes, label: str, calibration: Calibration, style: Style) -> None:
    bins = [b for b in calibration.bins if b.count]
    total = sum(b.count for b in bins)
    x, y = [100 * b.confidence for b in bins], [100 * b.accuracy for b in bins]
    axes.plot((0, 100), (0, 100), color=RULE, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    axes.plot(x, y, color=style.colour, linewidth=1.0, gid=hover(label))
    areas = [8 + LARGEST_POINTS_SQUARED * b.count / total for b in bins]
    texts = (
        f"accuracy {b:.1f} %, confidence {a:.1f} %, n = {found.count:,}" for found, a, b in zip(bins, x, y, strict=True)
    )
    gid = hover(label, *texts)
    axes.scatter(x, y, s=areas, color=style.colour, marker=style.marker, linewidths=0, zorder=3, gid=gid)
    axes.grid(visible=False)
    axes.set(xlim=(-4, 104), ylim=(-4, 104))
