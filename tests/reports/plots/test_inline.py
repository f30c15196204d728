"""A plot in an HTML page: an element that refers to nothing outside itself and clashes with no other."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from harness.statistics.calibration import Bin, Calibration
from reports.plots import confusion, reliability, scatter
from reports.plots.canvas import BAND, GRID, INK, MUTED, RULE, settings
from reports.plots.inline import PAGE_COLOURS, inline_svg
from reports.plots.view import COLOURS, make_styles

HOSTILE = "</svg><script>alert('$1$')</script>&"


@pytest.fixture(autouse=True)
def our_settings() -> Iterator[None]:
    with settings():
        yield


def figure_of() -> Figure:
    """Return a drawing with markers, clipped lines, a hatch, and each colour that stands for one of the page's."""
    figure = Figure(figsize=(4.0, 2.0))
    axes = figure.subplots()
    for y, colour in enumerate((INK, MUTED, RULE, COLOURS[0])):
        axes.plot([0.123456789, 1.0], [y, y + 0.5], "o-", color=colour, label=HOSTILE)
    axes.axhspan(0, 1, color=BAND)
    axes.fill_between([0, 1], [0, 0], [1, 1], facecolor=COLOURS[1], hatch="//")
    axes.set_title(HOSTILE)
    axes.text(0.5, 0.5, "turned", rotation=30, fontweight="bold")
    axes.legend()
    return figure


def inlined(prefix: str = "plot", figure: Figure | None = None) -> str:
    return inline_svg(figure or figure_of(), id_prefix=prefix, title=f"title {HOSTILE}", description=f"seen {HOSTILE}")


def elements(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter())


def references(svg: str) -> list[str]:
    return re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg)


def test_it_is_one_element_that_says_what_it_shows() -> None:
    svg = inlined()
    root = ElementTree.fromstring(svg)
    assert root.tag == "svg"
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "plot-title plot-desc")
    title, description = list(root)[:2]
    assert (title.tag, title.get("id"), title.text) == ("title", "plot-title", f"title {HOSTILE}")
    assert (description.tag, description.get("id"), description.text) == ("desc", "plot-desc", f"seen {HOSTILE}")
    assert root.get("viewBox") == "0 0 288 144"
    assert {"width", "height"}.isdisjoint(root.attrib)
    assert "width:384px;height:auto" in root.get("style", "")
    for leftover in ("<?xml", "<!DOCTYPE", "<metadata", "<style", "xmlns", "http", "font-family", "\n"):
        assert leftover not in svg


def test_every_reference_is_to_this_plot_and_no_id_is_there_twice() -> None:
    both = [inlined("first"), inlined("second")]
    ids = [[element.get("id") for element in elements(svg) if element.get("id")] for svg in both]
    for svg, found, prefix in zip(both, ids, ("first-", "second-"), strict=True):
        referred = {one or other for one, other in references(svg)}
        assert referred
        assert referred | {f"{prefix}title", f"{prefix}desc"} == set(found)
        assert all(name and name.startswith(prefix) for name in found)
    everything = ids[0] + ids[1]
    assert len(everything) == len(set(everything))


class Tags(HTMLParser):
    """What a browser would see: the tags in order, and what is never closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.opened: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.opened.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_hostile_names_stay_text_in_html() -> None:
    page = Tags()
    page.feed(f"<main>{inlined()}</main>")
    page.close()
    assert page.opened == []
    assert "script" not in page.tags
    assert page.texts.count(HOSTILE) == 5  # the title of the axes, and four in the legend


def test_colours_are_the_page_s() -> None:
    svg = inlined()
    for colour, own in PAGE_COLOURS.items():
        assert colour.lower() not in svg
        assert own in svg
    assert "fill:currentColor" in ElementTree.fromstring(svg).get("style", "")
    assert COLOURS[0].lower() in svg
    texts = [element for element in elements(svg) if element.tag == "text"]
    assert all("fill" not in element.get("style", "") for element in texts)
    assert "fill:#fff" not in svg


def luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(("page", "least"), [("#ffffff", 2.0), ("#16181d", 3.0)], ids=["light", "dark"])
def test_the_models_colours_stand_out(page: str, least: float) -> None:
    for colour in COLOURS:
        if colour != INK:  # which is the colour of the page's text
            bright, dim = sorted((luminance(colour) + 0.05, luminance(page) + 0.05), reverse=True)
            assert bright / dim > least, colour


def test_numbers_are_short_and_the_bytes_the_same_each_time() -> None:
    svg = inlined()
    assert svg == inlined()
    body = svg.partition("</desc>")[2]
    assert not re.findall(r"\d\.\d{3,}", body)
    assert GRID.lower() not in body


def test_the_usual_drawings_are_small() -> None:
    styles = make_styles([f"model-{index}" for index in range(12)])
    bins = tuple(Bin(confidence=n / 10, accuracy=n / 12, count=n) for n in range(1, 11))
    calibration = Calibration(error=0.1, brier=0.2, bins=bins, num_seeds=1)
    numbers = [index * 7 % 101 / 20 for index in range(1500)]
    drawn = {
        "reliability": (reliability.draw(dict.fromkeys(styles, calibration), styles), 45_000),
        "scatter": (scatter.draw(numbers, numbers, styles["model-0"]), 45_000),
    }
    for name, (drawing, most) in drawn.items():
        assert drawing is not None
        assert len(inlined(name, drawing.figure)) < most, name


def test_our_own_mistakes_are_found() -> None:
    with pytest.raises(AssertionError, match="an id cannot begin"):
        inlined("1 plot")
    with mpl.rc_context({"svg.fonttype": "path"}), pytest.raises(AssertionError, match=r"within settings\(\)"):
        inlined()


def titles(svg: str) -> list[str | None]:
    """Return what the marks say when pointed at."""
    _, *inner = elements(svg)
    return [mark.findtext("title") for mark in inner if mark.find("title") is not None]


def test_a_cell_of_a_confusion_matrix_says_its_numbers() -> None:
    drawing = confusion.draw([[30, 10], [0, 4]], ["no", "yes"])
    assert drawing is not None
    assert titles(inlined(figure=drawing.figure)) == [
        "no predicted as no: 30, 75.0 % of no",
        "no predicted as yes: 10, 25.0 % of no",
        "yes predicted as yes: 4, 100.0 % of yes",
    ]


def test_a_dot_of_a_scatter_says_its_numbers() -> None:
    for predicted in ([1.0, 2.91, 4.0], [1.0]):
        drawing = scatter.draw(predicted, [1.5, 3.25, 4.0][: len(predicted)], make_styles(["m"])["m"])
        assert drawing is not None
        said = ["true 1.5, predicted 1", "true 3.25, predicted 2.91", "true 4, predicted 4"][: len(predicted)]
        assert titles(inlined(figure=drawing.figure)) == said


@pytest.mark.parametrize("counts", [(30, 90), (60, 60)], ids=["marks of two sizes", "marks of one size"])
def test_a_mark_of_a_reliability_diagram_says_its_numbers(counts: tuple[int, int]) -> None:
    bins = tuple(Bin(confidence=c, accuracy=c - 0.1, count=n) for c, n in zip((0.6, 0.9), counts, strict=True))
    calibrations = {"a": Calibration(error=0.1, brier=0.2, bins=bins, num_seeds=1)}
    drawing = reliability.draw(calibrations, make_styles(["a"]))
    assert drawing is not None
    svg = inlined(figure=drawing.figure)
    assert titles(svg) == [
        f"accuracy 50.0 %, confidence 60.0 %, n = {counts[0]}",
        f"accuracy 80.0 %, confidence 90.0 %, n = {counts[1]}",
    ]
    assert "data-model" in svg
