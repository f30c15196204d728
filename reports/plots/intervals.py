"""Scores with their 95 % intervals: a dot and a whisker a model, the best first."""

from collections.abc import Mapping
from math import isnan

from harness.statistics.intervals import Estimate
from reports.plots.canvas import INK
from reports.plots.hover import hover
from reports.plots.panels import GAP_INCHES, name_rows, panel, text_inches
from reports.plots.view import Drawing, Style, distinct, short
from reports.text.numbers import interval_text, number

MAX_ROWS = 30
ROW_INCHES = 0.24


def draw(
    estimates: Mapping[str, Estimate],
    styles: Mapping[str, Style],
    *,
    axis: str = "score (%)",
    higher_is_better: bool = True,
) -> Drawing | None:
    """Return the ``MAX_ROWS`` best models; those without a style are drawn in the colour of the text."""
    scored = [(label, estimate) for label, estimate in estimates.items() if not isnan(estimate.value)]
    if not scored:
        return None
    sign = -1 if higher_is_better else 1
    best = sorted(scored, key=lambda item: sign * item[1].value)[:MAX_ROWS]
    names = distinct(styles[label].name if label in styles else short(label) for label, _ in best)
    figure = panel((3.6, ROW_INCHES * len(best)), left=text_inches(names) + GAP_INCHES, bottom=0.45)
    axes = figure.axes[0]
    colours = [styles[label].colour if label in styles else INK for label, _ in best]
    known = [y for y, (_, estimate) in enumerate(best) if not isnan(estimate.low + estimate.high)]
    for y in known:
        label, estimate = best[y]
        axes.hlines(y, estimate.low, estimate.high, colors=colours[y], linewidth=1.4, gid=hover(label))
    for y, (label, estimate) in enumerate(best):
        marker = styles[label].marker if label in styles else "o"
        gid = hover(label, f"{label}: {interval_text(estimate)}")
        axes.plot(estimate.value, y, marker=marker, color=colours[y], linestyle="none", gid=gid)
    name_rows(axes, names)
    for tick, (label, _) in zip(axes.get_yticklabels(), best, strict=True):
        tick.set_gid(hover(label))
    axes.set_xlabel(axis)
    axes.grid(visible=False, axis="y")
    axes.locator_params(axis="x", nbins=6)
    notes = ["Whiskers are 95 % intervals" if known else "No interval is known"]
    notes += ["a model without one has no known interval"] if 0 < len(known) < len(best) else []
    notes += [f"the best {len(best)} of {len(scored)} models"] if len(scored) > len(best) else []
    first = number(best[0][1].value, best[0][1].unit)
    alt = f"{axis} of {len(best)} models with intervals, the best first: {names[0]} with {first}."
    return Drawing(figure=figure, alt=alt, notes=("; ".join(notes),))
