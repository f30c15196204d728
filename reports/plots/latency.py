"""Latency quantiles: how long a model takes over one example, typically (p50) and at worst (p90, p99)."""

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reports.plots.canvas import MUTED, log_axis, sheet
from reports.plots.view import Drawing, Plot, View, common, omitted_text, over_tasks, tasks_text
from reports.text.numbers import digits

QUANTILES = {"p50": "o", "p90": "|", "p99": "D"}


def draw(view: View) -> Drawing | None:
    """Return one row a model, its three quantiles in milliseconds on a logarithmic axis."""
    speeds = {pair: speed for pair, speed in view.evidence.speeds.items() if pair[1] in view.styles}
    measured = {label: [t for t in view.evidence.tasks if (t, label) in speeds] for label in view.styles}
    chosen = common({label: tasks for label, tasks in measured.items() if tasks})
    if not chosen.models:
        return None
    rows = {}
    for label in chosen.models:
        by_task = [speeds[task, label].latency_quantiles for task in chosen.tasks]
        rows[label] = [1e3 * over_tasks((found[q] for found in by_task), len(by_task)) for q in QUANTILES]
    what = "Median over " if len(chosen.tasks) > 1 else ""
    notes = [f"{what}{tasks_text(view, chosen.tasks)}; one example at a time, tokenisation included; lower is better"]
    notes += [view.models_note, omitted_text(chosen.omitted)]
    figure = sheet(view, title=PLOT.title, notes=notes, size=(8.4, 1.2 + 0.3 * len(rows)))
    axes = figure.subplots()
    for y, (label, values) in enumerate(rows.items()):
        colour = view.styles[label].colour
        axes.plot(values, [y] * len(values), color=colour, linewidth=1.2, gid=view.gid(label))
        for value, (name, marker), fill in zip(values, QUANTILES.items(), (colour, "none", "none"), strict=True):
            gid = view.gid(label, f"{label}: {name} {digits(value)} ms")
            axes.plot(value, y, marker=marker, color=colour, markerfacecolor=fill, linestyle="none", gid=gid)
    axes.set_yticks(range(len(rows)), [view.styles[label].name for label in rows])
    exact = axes.secondary_yaxis("right")
    exact.set_yticks(range(len(rows)), [" / ".join(map(digits, values)) for values in rows.values()])
    exact.tick_params(length=0, labelsize=8.5, labelcolor=MUTED)
    exact.spines["right"].set_visible(False)
    axes.set(ylim=(len(rows) - 0.5, -0.5), xlabel="milliseconds")
    log_axis(axes, "x", [value for values in rows.values() for value in values])
    _quantile_legend(figure)
    return Drawing(figure=figure, alt=PLOT.alt, notes=tuple(filter(None, notes)))


def _quantile_legend(figure: Figure) -> None:
    grey = MUTED
    handles = [
        Line2D([], [], color=grey, marker=marker, linestyle="none", markerfacecolor=grey if name == "p50" else "none")
        for name, marker in QUANTILES.items()
    ]
    figure.legend(handles, list(QUANTILES), loc="outside right center", handlelength=1.5)


PLOT = Plot(
    name="latency",
    title="Latency of one example",
    alt="Median, 90th and 99th percentile of the latency of one example in milliseconds, one row a model.",
    needs="no speed was measured",
    draw=draw,
)
