"""What a mark of a plot says when pointed at, and which model it is of: carried as the mark's id into the page.

Matplotlib writes an artist's ``gid`` as an SVG id, and nothing else of what it is given; so the text travels there.
"""

import json

PREFIX = "hover:"


def hover(model: str, *texts: str) -> str:
    """Return a ``gid`` for an artist: its model, if it is of one, and the text to show, or one for each of its markers.

    >>> read_hover(hover("bag", "bag: 58.7"))
    ('bag', ('bag: 58.7',))
    """
    return PREFIX + json.dumps([model, *texts])


def read_hover(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the model and the texts of an id made by :func:`hover`, else ``None``."""
    if not name.startswith(PREFIX):
        return None
    model, *texts = json.loads(name.removeprefix(PREFIX))
    return model, tuple(texts)
