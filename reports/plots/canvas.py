"""The sheet that plots are drawn on: header, axes, legend outside, and files that are the same bytes each time."""

import textwrap
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from harness.system.files import replacing
from reports.plots.view import Style, View

TITLE_POINTS, NOTE_POINTS = 11.0, 8.0
BANNER_COLOUR = "#A04000"

# In a page, these five and no others become its own, so that a plot reads on dark as well: see `inline`.
INK, MUTED, RULE, GRID, BAND = "#000000", "#444444", "#888888", "#E5E5E5", "#F5F5F5"

SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "harness",  # ids in the SVG follow from the drawing, not from the clock
    "svg.fonttype": "none",  # text stays text: it can be searched, and read aloud
    "text.parse_math": False,  # a model may be called "a$b$c"
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with matplotlib, so that files are alike on every machine
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 6.0,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.dpi": 140.0,  # that of the files, so that positions found in pixels are theirs too
    "savefig.dpi": "figure",
    "text.hinting": "none",  # a text is as wide at one resolution as at another
}


@contextmanager
def settings() -> Iterator[None]:
    """Draw with our settings, whatever a user's matplotlibrc says, and leave theirs as they were."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        warnings.filterwarnings(
            "ignore", message="Glyph .* missing from font"
        )  # of a name in a script that it does not have
        yield


def sheet(view: View, *, title: str, notes: Iterable[str], size: tuple[float, float]) -> Figure:
    """Return a figure, below a header if the view has one: the title, what is shown, what is left out, and the banners.

    ``size`` is that of the axes with their labels, in inches; the header is added to its height.
    """
    width, height = size
    texts = []
    if view.header:
        texts = [(line, MUTED) for note in (view.header.title, *notes) for line in _wrapped(note, width)]
        texts += [(line, BANNER_COLOUR) for banner in view.header.banners for line in _wrapped(banner, width)]
    header = (TITLE_POINTS * 1.9 + len(texts) * NOTE_POINTS * 1.4 + 5) / 72 if view.header else 0.0
    figure = Figure(figsize=(width, height + header), layout="constrained")
    engine = cast(ConstrainedLayoutEngine, figure.get_layout_engine())
    engine.set(rect=(0.0, 0.0, 1.0, height / (height + header)), w_pad=0.06, h_pad=0.06)
    if view.header:
        _write_header(figure, title, texts)
    return figure


def _write_header(figure: Figure, title: str, texts: Iterable[tuple[str, str]]) -> None:
    """Write the title, and lines with their colours below it."""
    width, height = figure.get_size_inches()
    left, y = 0.1 / width, 1 - TITLE_POINTS * 0.6 / 72 / height
    figure.text(left, y, title, fontsize=TITLE_POINTS, fontweight="bold", va="top")
    y -= TITLE_POINTS * 1.5 / 72 / height
    for text, colour in texts:
        weight = "bold" if colour == BANNER_COLOUR else "normal"
        figure.text(left, y, text, fontsize=NOTE_POINTS, color=colour, fontweight=weight, va="top")
        y -= NOTE_POINTS * 1.4 / 72 / height


def _wrapped(text: str, width: float) -> list[str]:
    """Break a note into lines that fit; a bold letter of DejaVu Sans is about 0.65 of its size wide."""
    return textwrap.wrap(text, width=int((width - 0.2) * 72 / (NOTE_POINTS * 0.65)))


def grid_of_axes(figure: Figure, count: int, *, num_columns: int) -> list[Axes]:
    """Return ``count`` axes in rows of ``num_columns``."""
    num_rows = -(-count // num_columns)
    axes = figure.subplots(num_rows, num_columns, squeeze=False).ravel().tolist()
    for unused in axes[count:]:
        unused.remove()
    return cast(list[Axes], axes[:count])


def legend(figure: Figure, styles: Sequence[Style], *, lines: Literal["dashed", "solid", "none"]) -> Legend:
    """Name the models at the right, outside of the axes."""
    handles = [
        Line2D([], [], color=style.colour, marker=style.marker, linestyle=style.dashes if lines == "dashed" else lines)
        for style in styles
    ]
    names = [style.name for style in styles]
    return figure.legend(handles, names, loc="outside right center", handlelength=1.5 if lines == "none" else 3.4)


def log_axis(axes: Axes, which: str, values: Iterable[float]) -> None:
    """Make an axis logarithmic, from below to above all values, with as many marks in each decade as read well."""
    positive = [value for value in values if value > 0] or [1.0]
    digits = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8) if max(positive) < 3 * min(positive) else (1, 2, 5)
    steps = [digit * 10.0**power for power in range(-9, 13) for digit in digits]
    low = max((step for step in steps if step <= min(positive) / 1.05), default=steps[0])
    high = min((step for step in steps if step >= max(positive) * 1.05), default=steps[-1])
    ticks = [step for step in steps if low <= step <= high]
    if len(ticks) > 8:
        ticks = [step for step in ticks if f"{step:e}".startswith("1")]
    _fix_axis(axes, which, ticks, (low, high))


def doubling_axis(axes: Axes, which: str, values: Iterable[int]) -> None:
    """Make an axis logarithmic and mark it at the values themselves, leaving out what would crowd."""
    marks = sorted(set(values))
    step = -(-len(marks) // 8)
    _fix_axis(axes, which, marks[::step], (marks[0] / 1.15, marks[-1] * 1.15))


def _fix_axis(axes: Axes, which: str, ticks: Sequence[float], limits: tuple[float, float]) -> None:
    axes.set(**{f"{which}scale": "log", f"{which}lim": limits})
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def save(figure: Figure, stem: Path) -> None:
    """Write ``stem.png`` and ``stem.svg``, each whole or not at all."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laid out once, for both files
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None, "Creator": None})):
        with replacing(stem.parent / f"{stem.name}.{kind}") as temporary:
            figure.savefig(temporary, format=kind, metadata=metadata)
