"""A confusion matrix: how often each label was answered for each true one."""

from collections.abc import Sequence

from reports.plots.view import Drawing


def draw(counts: Sequence[Sequence[int]], labels: Sequence[str]) -> Drawing | None:
    """Return the matrix of counts, a row a true label and a column an answered one; rare labels are put together."""
    raise NotImplementedError
