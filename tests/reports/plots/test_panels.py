"""The small drawings of a page: what they show of plain values, and that it can be read."""

from collections.abc import Callable, Iterator
from math import nan

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from harness.statistics.calibration import Bin, Calibration
from harness.statistics.intervals import Estimate
from reports.plots import confusion, intervals, reliability, scatter
from reports.plots.canvas import INK, settings
from reports.plots.view import MAX_MODELS, Drawing, make_styles
from tests.fakes.drawn_texts import outside, overlaps, texts_of

HOSTILE = ["<script>alert(1)</script>", "a$b$c", "line\nbreak", "", "_hidden", "w" * 200, "名前", "\x00\ud800"]
MANY = HOSTILE + [f"organisation/checkpoint-of-size-{index}" for index in range(92)]


@pytest.fixture(autouse=True)
def our_settings() -> Iterator[None]:
    with settings():
        yield


def estimate(value: float, spread: float = 2.0) -> Estimate:
    return Estimate(value=value, low=value - spread, high=value + spread, num_seeds=3)


def calibration(error: float = 0.031) -> Calibration:
    bins = (Bin(confidence=0.6, accuracy=0.5, count=30), Bin(confidence=0.9, accuracy=0.8, count=90))
    return Calibration(error=error, brier=0.2, bins=(*bins, Bin(confidence=nan, accuracy=nan, count=0)), num_seeds=1)


def of(drawing: Drawing | None) -> Figure:
    assert drawing is not None
    return drawing.figure


def hostile_counts(size: int) -> list[list[int]]:
    return [[1000 * (x == y) + x + y for x in range(size)] for y in range(size)]


DRAWN: dict[str, Callable[[list[str]], Drawing | None]] = {
    "intervals": lambda names: intervals.draw(
        {name: estimate(50 + index / 3) for index, name in enumerate(names)}, make_styles(names[:MAX_MODELS])
    ),
    "confusion": lambda names: confusion.draw(hostile_counts(len(names)), names),
    "scatter": lambda names: scatter.draw([1.0, nan, 3.0], [1.0, 2.0, 2.5], make_styles(names)[names[0]]),
    "reliability": lambda names: reliability.draw(dict.fromkeys(names, calibration()), make_styles(names)),
}


@pytest.mark.parametrize("num_models", [1, len(HOSTILE), 100])
@pytest.mark.parametrize("name", DRAWN)
def test_any_name_is_drawn_as_it_is_and_in_a_place_of_its_own(name: str, num_models: int) -> None:
    drawing = DRAWN[name](MANY[:num_models])
    texts = texts_of(of(drawing))
    assert overlaps(texts) == []
    assert outside(of(drawing)) == []
    assert drawing is not None
    assert drawing.alt
    assert all(drawing.notes)


def test_intervals_are_the_best_models_best_first() -> None:
    estimates = {f"m{index}": estimate(float(index)) for index in range(40)} | {"none": estimate(nan)}
    drawing = intervals.draw(estimates, make_styles(["m39", "m12"]))
    (axes,) = of(drawing).axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [f"m{index}" for index in range(39, 9, -1)]
    assert [line.get_xydata().tolist() for line in axes.lines] == [[[39.0 - y, float(y)]] for y in range(30)]
    first, *_ = whiskers = [c for c in axes.collections if isinstance(c, LineCollection)]
    assert len(whiskers) == 30
    assert first.get_segments()[0].tolist() == [[37.0, 0.0], [41.0, 0.0]]
    assert [line.get_color() for line in axes.lines][1] == INK
    assert drawing is not None
    assert drawing.notes == ("Whiskers are 95 % intervals; the best 30 of 40 models",)


def test_an_unknown_interval_is_a_dot_alone() -> None:
    unknown = Estimate(value=60.0, low=nan, high=nan, num_seeds=1)
    drawing = intervals.draw({"known": estimate(70.0), "unknown": unknown}, {})
    (axes,) = of(drawing).axes
    assert len(axes.lines) == 2
    assert len(axes.collections[0].get_segments()) == 1
    assert drawing is not None
    assert drawing.notes == ("Whiskers are 95 % intervals; a model without one has no known interval",)
    alone = intervals.draw({"unknown": unknown}, {})
    assert alone is not None
    assert alone.notes == ("No interval is known",)
    assert intervals.draw({"nothing": estimate(nan)}, {}) is None


def cells(figure: Figure) -> dict[tuple[float, float], float]:
    """Return the opacity of each cell by (row, column)."""
    patches = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    return {(p.get_y() + 0.5, p.get_x() + 0.5): p.get_facecolor()[3] for p in patches}


def test_a_confusion_matrix_is_counts_shaded_by_row() -> None:
    drawing = confusion.draw([[30, 10], [0, 0]], ["no", "yes"])
    (axes,) = of(drawing).axes
    assert {(t.get_position()[1], t.get_position()[0]): t.get_text() for t in axes.texts} == {
        (0, 0): "30", (0, 1): "10", (1, 0): "0", (1, 1): "0"
    }  # fmt: skip
    opacity = {(0, 0): 0.75, (0, 1): 0.25, (1, 0): 0.0, (1, 1): 0.0}
    assert cells(of(drawing)) == pytest.approx({place: share * confusion.DARKEST for place, share in opacity.items()})
    assert drawing is not None
    assert drawing.alt.endswith("75.0 % of 40 are on the diagonal.")
    assert confusion.draw([[0, 0], [0, 0]], ["no", "yes"]) is None


def test_rare_labels_are_counted_together() -> None:
    labels = [f"label {index}" for index in range(20)]
    counts = np.diag(np.arange(20, 0, -1)) + np.eye(20, k=-1, dtype=int)  # each but the first once taken for the former
    (axes,) = of(confusion.draw(counts.tolist(), labels)).axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [*labels[:11], "9 others"]
    texts = {(t.get_position()[1], t.get_position()[0]): t.get_text() for t in axes.texts}
    assert texts[11, 11] == str(sum(range(1, 10)) + 8)
    assert texts[11, 10] == "1"
    assert sum(int(text.replace(",", "")) for text in texts.values()) == counts.sum()


def test_a_scatter_has_a_dot_an_example_and_says_what_it_leaves_out() -> None:
    (style,) = make_styles(["m"]).values()
    drawing = scatter.draw([1.0, nan, 3.0], [1.5, 2.0, 2.5], style)
    diagonal, dots = of(drawing).axes[0].lines
    assert dots.get_xydata().tolist() == [[1.5, 1.0], [2.5, 3.0]]
    assert dots.get_marker() == style.marker
    assert (diagonal.get_xdata() == diagonal.get_ydata()).all()
    assert drawing is not None
    assert drawing.notes == ("Dashed: predicted equals true; predictions that are not a number: 1",)
    many = scatter.draw(list(range(1000)), list(range(1000)), style)
    assert len(of(many).axes[0].lines[1].get_xydata()) == scatter.MAX_POINTS
    assert many is not None
    assert many.notes == ("Dashed: predicted equals true; 400 of 1,000 examples",)
    assert scatter.draw([nan], [1.0], style) is None
    assert scatter.draw([], [], style) is None


def test_reliability_is_share_right_by_confidence() -> None:
    styles = make_styles(["a", "b"])
    empty = Calibration(error=nan, brier=nan, bins=(), num_seeds=1)
    drawing = reliability.draw({"b": calibration(), "empty": empty, "unstyled": calibration()}, styles)
    (axes,) = of(drawing).axes
    assert axes.get_title(loc="left") == "b\nECE 3.1 %"
    (marks,) = (c for c in axes.collections if isinstance(c, PathCollection))
    np.testing.assert_allclose(marks.get_offsets(), [[60, 50], [90, 80]])
    small, large = marks.get_sizes()
    assert large - 8 == pytest.approx(3 * (small - 8))
    assert drawing is not None
    assert drawing.notes[1] == "1 of 2 models: those with the best means"
    assert reliability.draw({"a": empty}, styles) is None
