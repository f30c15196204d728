"""A figure as an ``<svg>`` element to stand in an HTML page, whose colours and font it takes.

The greys of :mod:`reports.plots.canvas` become the page's: black its text colour, the others CSS variables, with a
half-transparent grey where the page sets none. So the same drawing reads on light and on dark.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from io import BytesIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import matplotlib as mpl
from matplotlib.figure import Figure

from reports.plots.canvas import BAND, GRID, INK, MUTED, RULE
from reports.plots.hover import read_hover

PAGE_COLOURS = {
    INK: "currentColor",
    MUTED: "var(--muted,currentColor)",
    RULE: "var(--rule,#808080)",
    GRID: "var(--grid,#80808040)",
    BAND: "var(--band,#80808018)",
}
PIXELS_PER_POINT = 4 / 3
DECIMALS = 2

_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_COMMAND = re.compile(r" *([A-Za-z]) *")
_PAGE_COLOURS = {colour.lower(): own for colour, own in PAGE_COLOURS.items()}
_NUMERIC = ("x", "y", "width", "height", "transform", "points")


def inline_svg(figure: Figure, *, id_prefix: str, title: str, description: str) -> str:
    """Return the figure as an element for HTML 5, to be called within the ``settings`` that it was drawn in.

    ``id_prefix`` begins every id, so it must be unique in the page. The element is as wide as the figure, so
    that its text is as large as drawn. The page may set ``--muted``, ``--rule``, ``--grid`` and ``--band``.
    """
    assert re.fullmatch(r"[A-Za-z][\w-]*", id_prefix), f"an id cannot begin with {id_prefix!r}"
    assert mpl.rcParams["svg.fonttype"] == "none", "draw and inline within settings()"
    file = BytesIO()
    metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(file, format="svg", metadata=metadata, transparent=True)
    drawn = ElementTree.fromstring(file.getvalue())
    _localise(drawn)
    _rename_ids(drawn, id_prefix)
    _tidy(drawn)
    width, _ = figure.get_size_inches() * 72
    style = f"width:{width * PIXELS_PER_POINT:.0f}px;height:auto;fill:currentColor;stroke-linejoin:round"
    labels = f"{id_prefix}-title {id_prefix}-desc"
    box = " ".join(map(_rounded, drawn.attrib["viewBox"].split()))
    head = f'<svg viewBox="{box}" role="img" aria-labelledby="{labels}" style="{style}">'
    texts = (
        f'<title id="{id_prefix}-title">{escape(title)}</title><desc id="{id_prefix}-desc">{escape(description)}</desc>'
    )
    return head + texts + "".join(ElementTree.tostring(child, encoding="unicode") for child in drawn) + "</svg>"


def _localise(drawn: Element) -> None:
    """Take the namespaces off, which HTML 5 gives by itself, and what would speak for the whole page."""
    for element in drawn.iter():
        element.tag = _local(element.tag)
        for name in [name for name in element.attrib if name.startswith("{")]:
            element.attrib[_local(name)] = element.attrib.pop(name)  # `xlink:href` is `href` in SVG 2
    for parent in list(drawn.iter()):
        for child in [child for child in parent if child.tag in ("metadata", "style")]:
            parent.remove(child)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _rename_ids(drawn: Element, prefix: str) -> None:
    """Give those ids that something refers to a short name of this plot's own, and drop the others."""
    names: dict[str, str] = {}

    def renamed(name: str) -> str:
        return names.setdefault(name, f"{prefix}-{len(names) + 1}")

    for element in drawn.iter():
        if "href" in element.attrib:
            element.set("href", f"#{renamed(element.attrib['href'].removeprefix('#'))}")
        for attribute in ("clip-path", "style"):
            if attribute in element.attrib:
                text = _REFERENCE.sub(lambda found: f"url(#{renamed(found[1])})", element.attrib[attribute])
                element.set(attribute, text)
    for element in drawn.iter():
        name = element.attrib.pop("id", None)
        if name in names:
            element.set("id", names[name])
        elif name and (found := read_hover(name)):
            _say(element, *found)


def _say(element: Element, model: str, texts: Sequence[str]) -> None:
    """Mark an element as a model's, and give it a text to show when pointed at, or each of its markers one."""
    if model:
        element.set("data-model", model)
    markers = list(element.iter("use")) or list(element.iter("path"))  # paths where each has a size of its own
    is_one = len(texts) < 2 and model
    for mark, text in zip([element] * len(texts) if is_one else markers, texts, strict=True):
        title = Element("title")
        title.text = text
        mark.insert(0, title)


def _tidy(parent: Element) -> None:
    """Rewrite what lies below for the page: its colours and font, short numbers, and no groups that do nothing."""
    for child in parent:
        _tidy(child)
        _rewrite(child)
    styles = {child.get("style") for child in parent}
    if len(parent) > 1 and {child.tag for child in parent} == {"use"} and len(styles) == 1 and parent.tag == "g":
        parent.set("style", styles.pop() or "")
        for child in parent:
            del child.attrib["style"]
    parent[:] = list(_unwrapped(parent))


def _unwrapped(parent: Element) -> Iterator[Element]:
    for child in parent:
        if child.tag in ("g", "defs") and not len(child):
            continue
        if child.tag == "path" and child.get("style") == "fill:none" and "id" not in child.attrib:
            continue  # the backgrounds of figure and axes
        if child.tag == "g" and not child.attrib:
            yield from child
        else:
            yield child


def _rewrite(element: Element) -> None:
    attributes = element.attrib
    if element.tag not in ("text", "title"):
        element.text = None
    element.tail = None
    if "style" in attributes:
        parts = (part.strip() for part in attributes["style"].split(";"))
        kept = ";".join(part.replace(": ", ":", 1) for part in parts if not part.startswith("font-family"))
        attributes["style"] = _shortened(_COLOUR.sub(lambda found: _PAGE_COLOURS.get(found[0], found[0]), kept))
    if attributes.get("transform", "").startswith("rotate(-0 "):
        del attributes["transform"]
    for name in _NUMERIC:
        if name in attributes:
            attributes[name] = _shortened(attributes[name])
    if "d" in attributes:
        attributes["d"] = _COMMAND.sub(r"\1", _shortened(" ".join(attributes["d"].split())))


def _shortened(text: str) -> str:
    return _NUMBER.sub(lambda found: _rounded(found[0]), text)


def _rounded(number: str) -> str:
    text = f"{float(number):.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
