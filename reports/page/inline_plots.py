"""Plots as parts of the page: which of them are drawn, as each takes time and space."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from markupsafe import Markup

from harness.statistics.intervals import Estimate
from reports.analysis.comparison import Column
from reports.analysis.statistics import Analysis
from reports.evidence.columns import ExampleColumns, PredictionColumns
from reports.plots import confusion, intervals, latency, learning, reliability, scatter, throughput, tradeoff
from reports.plots.canvas import settings
from reports.plots.inline import inline_svg
from reports.plots.view import Drawing, Style, View
from reports.text.numbers import axis_units

MAX_TASKS = 9
"""With more tasks, each is folded, and has fewer plots: its intervals, and the predictions of the best model."""
MAX_PANELS = 6
"""Models whose predictions for a task are drawn, each by itself."""


@dataclass(frozen=True, kw_only=True)
class InlinePlot:
    """A drawing as an element of the page."""

    title: str
    svg: Markup
    notes: tuple[str, ...]
    model: str = ""
    """The one that it is about, where it is about one alone."""


@dataclass(frozen=True, kw_only=True)
class InlinePlots:
    """Draws the plots of one set of runs; ``anchors`` are the ids of its tasks in the page, under ``prefix``."""

    view: View
    analysis: Analysis
    prefix: str
    anchors: Mapping[str, str]

    @property
    def is_brief(self) -> bool:
        """Whether there are too many tasks for all the plots of each."""
        return len(self.view.evidence.tasks) > MAX_TASKS

    def costs(self) -> tuple[list[InlinePlot], list[str]]:
        """Return what is drawn of costs, and sentences on what could not be."""
        plots, reasons = [], []
        for plot in (tradeoff.TRAINING, tradeoff.SIZE, throughput.PLOT, latency.PLOT):
            drawn = self._plot(f"{self.prefix}{plot.name}", plot.title, partial(plot.draw, self.view.bare))
            if drawn:
                plots.append(drawn)
            else:
                reasons.append(f"{plot.title} is not drawn: {plot.needs}.")
        return plots, reasons

    def beside(self) -> InlinePlot | None:
        """Return the score against the latency, in a size to stand beside the leaderboard."""
        return self._plot(f"{self.prefix}beside", tradeoff.LATENCY.title, partial(tradeoff.draw_beside, self.view.bare))

    def means(self) -> InlinePlot | None:
        """Return the means with their intervals."""
        name = self.view.comparison.mean_name or "score"
        columns = self.view.comparison.columns
        title = f"{name[0].upper()}{name[1:]}, with intervals"
        axis = f"{name} ({axis_units(column.unit for column in columns)})"
        known, styles = self.analysis.means, self.view.styles
        means = {label: known[label] for label in styles if label in known}
        return self._plot(f"{self.prefix}means", title, partial(_intervals, means, styles, axis, columns))

    def scores(self, task: str) -> InlinePlot | None:
        """Return a task's scores with their intervals."""
        known, styles = self.analysis.scores, self.view.styles
        found = {label: known[task, label] for label in styles if (task, label) in known}
        columns = [column for column in self.view.comparison.columns if column.task == task]
        axis = f"score ({axis_units(column.unit for column in columns)})"
        return self._of_task(task, "Scores, with intervals", partial(_intervals, found, styles, axis, columns))

    def curves(self, task: str) -> InlinePlot | None:
        """Return a task's learning curves."""
        if self.is_brief:
            return None
        return self._of_task(task, "Learning curves", lambda: learning.draw_task(self.view.bare, task))

    def calibration(self, task: str) -> InlinePlot | None:
        """Return a task's reliability diagrams."""
        known, styles = self.analysis.calibration, self.view.styles
        found = {label: known[task, label] for label in styles if (task, label) in known}
        if self.is_brief or not found:
            return None
        return self._of_task(
            task, "Reliability diagram: accuracy vs. confidence", lambda: reliability.draw(found, styles)
        )

    def predictions(
        self, task: str, examples: ExampleColumns, predictions: Mapping[str, PredictionColumns], best: Sequence[str]
    ) -> list[InlinePlot]:
        """Return a confusion matrix, or a scatter, for each of the best models that has predictions."""
        shown = [label for label in best if label in predictions and label in self.view.styles]
        plots = (
            self._of_task(task, label, partial(self._predictions, examples, predictions[label], label))
            for label in shown[: 1 if self.is_brief else MAX_PANELS]
        )
        return [replace(drawn, model=drawn.title) for drawn in plots if drawn]

    def _predictions(self, examples: ExampleColumns, predictions: PredictionColumns, label: str) -> Drawing | None:
        triples = zip(examples.targets, predictions.values, examples.scored, strict=True)
        pairs = [(true, value) for true, value, scored in triples if scored and value is not None]
        if examples.kind.near is not None and pairs:
            true, predicted = zip(*pairs, strict=True)
            return scatter.draw(predicted, true, self.view.styles[label])
        if not examples.kind.labels:
            return None
        counts = np.zeros((len(examples.kind.labels), len(examples.kind.labels)), dtype=np.int64)
        for row, column in pairs:
            counts[row, column] += 1
        return confusion.draw(counts.tolist(), examples.kind.labels)

    def _of_task(self, task: str, title: str, draw: Callable[[], Drawing | None]) -> InlinePlot | None:
        slug = "".join(character if character.isalnum() and character.isascii() else "-" for character in title)
        return self._plot(f"{self.anchors[task]}-{slug}", title, draw)

    def _plot(self, name: str, title: str, draw: Callable[[], Drawing | None]) -> InlinePlot | None:
        with settings():
            drawing = draw()
            if drawing is None:
                return None
            svg = inline_svg(drawing.figure, id_prefix=name, title=title, description=drawing.alt)
        return InlinePlot(title=title, svg=Markup(svg), notes=drawing.notes)


def _intervals(
    found: Mapping[str, Estimate], styles: Mapping[str, Style], axis: str, columns: Sequence[Column]
) -> Drawing | None:
    higher_is_better = all(column.higher_is_better for column in columns)
    return intervals.draw(found, styles, axis=axis, higher_is_better=higher_is_better)
