"""The lines of text of a figure and where they stand, to see whether any are on top of one another."""

import itertools
from typing import Any

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


class Recorder(RendererAgg):
    """A renderer that remembers the lines of text that it drew, and where; those that are tilted apart."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(*figure.bbox.size, figure.dpi)
        self.texts: list[tuple[str, Bbox]] = []
        self.tilted: list[tuple[str, Bbox]] = []

    def draw_text(self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, **options: Any) -> None:
        width, height, descent = self.get_text_width_height_descent(s, prop, ismath=False)
        bottom = self.height - y - descent
        turned = options.get("mtext")
        box = Bbox.from_bounds(x, bottom, width, height) if angle == 0 else Text.get_window_extent(turned, self)
        (self.tilted if angle % 90 else self.texts).append((s, box))
        super().draw_text(gc, x, y, s, prop, angle, **options)


def texts_of(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return the lines of text that are drawn, and their boxes in pixels; not those that are tilted."""
    renderer = Recorder(figure)
    figure.draw(renderer)
    return renderer.texts


def overlaps(texts: list[tuple[str, Bbox]]) -> list[tuple[str, str]]:
    pairs = itertools.combinations([(text, box.padded(-0.5)) for text, box in texts], 2)
    return [(one, other) for (one, a), (other, b) in pairs if a.overlaps(b)]


def outside(figure: Figure) -> list[str]:
    """Return the texts that the figure's edge cuts off."""
    renderer = Recorder(figure)
    figure.draw(renderer)
    edge = figure.bbox.padded(1.0)
    drawn = renderer.texts + renderer.tilted
    return [text for text, box in drawn if not (edge.contains(*box.min) and edge.contains(*box.max))]
