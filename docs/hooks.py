"""What the build does beyond its plugins, with docstrings that follow Sphinx: roles become links into the API pages."""

import re
from typing import Any

ROLE = re.compile(r":[a-z]+:<code>(~?)([\w.]+)</code>")


def on_page_content(html: str, **_: Any) -> str:
    """Replace each ``:class:`~harness.api.task.Task``` by a link that the plugin autorefs resolves, where it can."""
    return ROLE.sub(_link, html).replace("<p>::</p>", "")  # what announces the block of code that follows


def _link(role: re.Match[str]) -> str:
    name = role[2].rsplit(".", 1)[-1] if role[1] else role[2]
    return f'<autoref identifier="{role[2]}" optional><code>{name}</code></autoref>'
