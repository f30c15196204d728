"""A figure as an ``<svg>`` element to stand in an HTML page, where it takes the page's colours and font."""

from matplotlib.figure import Figure


def inline_svg(figure: Figure, *, id_prefix: str, title: str, description: str) -> str:
    """Return the figure as an element for HTML 5, within the :func:`settings` that it was drawn under.

    ``id_prefix`` must be unique in the page. The page may set ``--muted``, ``--grid`` and ``--band``.
    """
    raise NotImplementedError
