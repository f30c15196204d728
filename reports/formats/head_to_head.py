"""Two models against each other, as Markdown."""

from collections.abc import Sequence

from reports.analysis.head_to_head import HeadToHead, _page


def markdown(found: Sequence[HeadToHead]) -> str:
    """Return the comparisons as a page for a terminal."""
    return "\n\n".join(_page(one) for one in found) + "\n"
