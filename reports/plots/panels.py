"""Small drawings for a page: axes with fixed margins, which need no layout to be computed, and a legend below."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path

from reports.plots.view import MAX_MODELS, MAX_NAME, Style, short

NAME_POINTS = 8.5
GAP_INCHES = 0.12
LEGEND_ROW_INCHES = 0.19

T = TypeVar("T")


def panel(size: tuple[float, float], *, left: float, bottom: float, top: float = 0.08, right: float = 0.12) -> Figure:
    """Return a figure with axes of that size and margins around them; all in inches."""
    width, height = left + size[0] + right, bottom + size[1] + top
    figure = Figure(figsize=(width, height))
    figure.add_axes((left / width, bottom / height, size[0] / width, size[1] / height))
    return figure


def text_inches(texts: Iterable[str], points: float = NAME_POINTS) -> float:
    """Return how wide the widest text is."""
    font = FontProperties(size=points)
    widths = (text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] for text in texts)
    return float(max(widths, default=0.0)) / 72


def fitted(text: str, inches: float, points: float = NAME_POINTS) -> str:
    """Return the text, shortened in the middle as far as it must be."""
    lengths = range(MAX_NAME, 2, -1)
    return next((short(text, length=n) for n in lengths if text_inches([short(text, length=n)], points) <= inches), "…")


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows of a drawing from the top down, without ticks."""
    axes.set_yticks(range(len(names)), names, fontsize=NAME_POINTS)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def with_style(values: Mapping[str, T], styles: Mapping[str, Style]) -> dict[str, T]:
    """Return what is there for models that have a style, in the order of styles, at most ``MAX_MODELS``."""
    shown = [label for label in styles if label in values][:MAX_MODELS]
    return {label: values[label] for label in shown}


def left_out_note(num_shown: int, num_total: int) -> str:
    """Return a note of how many models are left out; empty if none is."""
    return f"{num_shown} of {num_total} models: those with the best means" if num_total > num_shown else ""


def legend_columns(styles: Sequence[Style], width: float) -> int:
    """Return how many models stand side by side in a legend of that many inches."""
    return max(1, min(len(styles), int(width / (text_inches(style.name for style in styles) + 0.5))))


def legend_inches(styles: Sequence[Style], width: float) -> float:
    """Return how high that legend is."""
    return LEGEND_ROW_INCHES * -(-len(styles) // legend_columns(styles, width)) + 0.1


def legend_below(figure: Figure, styles: Sequence[Style]) -> None:
    """Name the models by their markers along the lower edge."""
    handles = [Line2D([], [], color=style.colour, marker=style.marker, linestyle="none") for style in styles]
    figure.legend(
        handles,
        [style.name for style in styles],
        loc="lower left",
        ncols=legend_columns(styles, figure.get_figwidth()),
        handlelength=1.0,
        borderaxespad=0.2,
        columnspacing=1.4,
    )
