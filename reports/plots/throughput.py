"""Throughput by batch size: one line a model, the median over the tasks that all of them were measured on.

Panels by task would repeat one shape: tasks shift a model's line with the length of their texts, all models alike.
"""

from reports.plots.canvas import doubling_axis, legend, log_axis, sheet
from reports.plots.view import Drawing, Plot, View, common, omitted_text, over_tasks, tasks_text


def draw(view: View) -> Drawing | None:
    """Return examples per second by batch size, both axes logarithmic."""
    speeds = {pair: speed for pair, speed in view.evidence.speeds.items() if pair[1] in view.styles}
    measured = {label: [t for t in view.evidence.tasks if (t, label) in speeds] for label in view.styles}
    chosen = common({label: tasks for label, tasks in measured.items() if tasks})
    if not chosen.models:
        return None
    curves = {}
    for label in chosen.models:
        by_task = [speeds[task, label].examples_per_second for task in chosen.tasks]
        sizes = sorted(set.intersection(*(set(found) for found in by_task)))
        curves[label] = {size: over_tasks((found[size] for found in by_task), len(chosen.tasks)) for size in sizes}
    what = "Median over " if len(chosen.tasks) > 1 else ""
    notes = [f"{what}{tasks_text(view, chosen.tasks)}; tokenisation included; higher is better"]
    notes += [view.models_note, omitted_text(chosen.omitted)]
    figure = sheet(view, title=PLOT.title, notes=notes, size=(8.4, 4.2))
    axes = figure.subplots()
    for label, curve in curves.items():
        style = view.styles[label]
        gid = view.gid(
            label, *(f"{label}: {rate:,.0f} examples/s at batch size {size}" for size, rate in curve.items())
        )
        axes.plot(
            list(curve), list(curve.values()), color=style.colour, linestyle=style.dashes, marker=style.marker, gid=gid
        )
    doubling_axis(axes, "x", [size for curve in curves.values() for size in curve])
    log_axis(axes, "y", [value for curve in curves.values() for value in curve.values()])
    axes.set(xlabel="batch size (examples predicted at once)", ylabel="examples per second")
    legend(figure, [view.styles[label] for label in curves], lines="dashed")
    return Drawing(figure=figure, alt=PLOT.alt, notes=tuple(filter(None, notes)))


PLOT = Plot(
    name="throughput",
    title="Throughput by batch size",
    alt="Examples per second against batch size on logarithmic axes, one line a model.",
    needs="no speed was measured",
    draw=draw,
)
