"""What a mark of a plot says when pointed at, and which model it is of: carried as the mark's id into the page.

Matplotlib writes an artist's ``gid`` as an SVG id, and nothing else of what it is given; so the text travels there.
"""

import json

PREFIX = "hover:"


def hover(model: str, text: str) -> str:
    """Return a ``gid`` for a mark: its model, and the text to show.

    >>> read_hover(hover("bag", "bag: 58.7"))
    ('bag', 'bag: 58.7')
    """
    return PREFIX + json.dumps([model, text])


def read_hover(name: str) -> tuple[str, str] | None:
    """Return the model and the text of an id made by :func:`hover`, else ``None``."""
    if not name.startswith(PREFIX):
        return None
    model, text = json.loads(name.removeprefix(PREFIX))
    return model, text
